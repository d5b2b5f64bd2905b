#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "stats/score_histogram.h"

namespace guardwatch {

// A stretch of scores over which the isotonic fit is flat.
struct IsotonicBlock {
  double score_first = 0;  // Mean score of its first and last grid bin.
  double score_last = 0;
  double score_mean = 0;
  std::int64_t labeled = 0;
  std::int64_t positive = 0;

  double rate() const { return double(positive) / double(labeled); }
};

// The rate of positives as a function of the score that fits the labels best and never falls: grid
// bins in order of score, neighbours pooled while the rate does not rise. Ayer et al. (1955). Rates
// rise strictly from block to block. Empty without labels.
std::vector<IsotonicBlock> IsotonicFit(const ScoreHistogram& histogram, int m);

// score = miscalibration - discrimination + uncertainty, from the scores as they are, the isotonic
// fit and the base rate. Dimitriadis, Gneiting, Jordan (2021), PNAS 118:e2016191118.
struct ScoreDecomposition {
  double score = 0;           // Mean of the scoring rule.
  double miscalibration = 0;  // What the isotonic fit would gain. Biased up by over-fitting.
  double discrimination = 0;  // What it gains over the base rate, >= 0.
  double uncertainty = 0;     // Score of the base rate.
};

struct CorpDecomposition {
  std::vector<IsotonicBlock> blocks;
  ScoreDecomposition brier;
  ScoreDecomposition log_loss;  // Nats; scores clipped to [2^-31, 1 - 2^-31].
};

// Scores of a class in a grid bin are taken at their mean. Nullopt unless there are labels of both
// classes: nothing can be discriminated.
std::optional<CorpDecomposition> DecomposeCorp(const ScoreHistogram& histogram, int m);

}  // namespace guardwatch
