#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "stats/reliability.h"
#include "stats/score_histogram.h"

namespace guardwatch {

// Labelled scores of one bin, whatever the binning: what binned measures of calibration are
// computed from.
struct LabeledBin {
  std::int64_t labeled = 0;
  std::int64_t positive = 0;
  std::int64_t score_q = 0;  // Sum of q; exact up to 8e9 scores.
  // sum (p - f)^2 and sum (p - f)(y - o), f the mean score and o the positive rate of the bin. Zero
  // where a binning does not know how scores lie inside a bin.
  double square_deviation = 0;
  double co_deviation = 0;

  double expected() const { return double(score_q) / double{kScoreOne}; }      // Sum of scores.
  double mean_score() const { return expected() / double(labeled); }           // f; labeled > 0.
  double positive_rate() const { return double(positive) / double(labeled); }  // o; labeled > 0.
};

// Bins of equal score mass, frozen from a reference so that windows stay comparable and mergeable.
// Their edges are edges of the grid of resolution m, so one histogram cell is in one bin.
struct FrozenBins {
  static constexpr int kMost = 15;
  static constexpr std::int64_t kLabelsPerBin = 50;

  int m = score_grid::kCoarse;
  std::vector<std::uint16_t> last;  // Last grid bin of each; ascending, ends with the grid's last.

  // min(15, floor(labels / 50)) bins of about equally many labelled reference scores. Nullopt for a
  // reference of fewer than 50 labels.
  static std::optional<FrozenBins> From(const ScoreHistogram& reference, int m);
  // With the number of bins given, > 0: bin k ends at the first edge below which lie at least
  // k/bins of the labels. Fewer where ties make edges coincide. Nullopt without labels.
  static std::optional<FrozenBins> EqualMass(const ScoreHistogram& reference, int m, int bins);

  std::size_t IndexOf(std::uint16_t grid_bin) const;
  friend bool operator==(const FrozenBins&, const FrozenBins&) = default;
};

// Only bins with labels, in order of score.
using LabeledBins = std::vector<LabeledBin>;

// The 15 equal-width bins; deviations inside a bin are not known.
LabeledBins LabeledBinsOf(const ReliabilityBins& bins);

// `frozen`, filled from a histogram on the grid of resolution frozen.m. Deviations take the
// labelled scores of a class in a grid bin to be equal, which leaves out at most width^2 / 4 of
// each square (m = 5: 1.5e-5) and nothing of the co-deviation.
LabeledBins LabeledBinsOf(const ScoreHistogram& histogram, const FrozenBins& frozen);

// One bin per grid bin.
LabeledBins LabeledBinsOf(const ScoreHistogram& histogram, int m);

}  // namespace guardwatch
