#pragma once

#include <cstdint>
#include <optional>

#include "base/int128.h"
#include "stats/score_histogram.h"

namespace guardwatch {

// Exact integer sums over the labelled scores of a series, as an aggregate keeps them.
struct LossSums {
  std::int64_t n = 0;         // Labelled scores.
  std::int64_t positive = 0;  // Of them.
  Int128 loss_q24 = 0;        // Log loss, in 2^-24 nats.
  Int128 score_q_squared = 0;
  Int128 positive_score_q = 0;  // Sum of q over positives.

  // Without the scores of exactly 0 and 1. One that is wrong costs 21.49 nats, so a handful can be
  // most of a mean. `histogram` is of the same scores on the grid of resolution m: both extremes
  // have bins of their own.
  LossSums WithoutSaturated(const ScoreHistogram& histogram, int m) const;
};

struct MeanLogLoss {
  double nats = 0;  // Mean, >= 0.
  std::int64_t n = 0;
  // Over the entropy of the base rate: below 1 beats always saying the base rate (He et al. 2014,
  // "Practical lessons from predicting clicks on ads"). Nullopt if all labels are of one class.
  std::optional<double> normalized_entropy;

  double bits() const;
  double perplexity() const;  // e^nats: the inverse geometric mean of what was given to the truth.
};

// Nullopt without labelled scores.
std::optional<MeanLogLoss> LogLossOf(const LossSums& sums);

struct MeanBrier {
  double score = 0;  // Mean (p - y)^2, in [0, 1]. Brier (1950), Monthly Weather Review 78:1-3.
  // 1 - score / (o (1 - o)), o the base rate: above 0 beats always saying it. Nullopt if all labels
  // are of one class.
  std::optional<double> skill;
};

// Nullopt without labelled scores.
std::optional<MeanBrier> BrierOf(const LossSums& sums);

// Two distributions of scores on one grid, labels or not, in nats. Cross-entropy is what it costs
// to code scores of `current` in the code of `reference`, and divergence the part of it that a code
// of their own would save: cross_entropy = entropy + divergence. Kullback, Leibler (1951).
struct ScoreDivergence {
  double entropy = 0;            // Of the current scores.
  double reference_entropy = 0;  // Of the reference.
  double cross_entropy = 0;      // -sum c ln r
  double divergence = 0;         // sum c ln(c / r), >= 0
};

// Shares are (count + 1/2) / (total + G/2) over the G bins that either occupies, so that no bin is
// impossible. Nullopt if either is without scores.
std::optional<ScoreDivergence> DivergenceOf(const ScoreHistogram& current,
                                            const ScoreHistogram& reference);

}  // namespace guardwatch
