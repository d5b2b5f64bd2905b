#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "stats/labeled_bins.h"
#include "stats/score_histogram.h"

// Twelve labelled scores, six of each class. What tests expect of them was worked out independently
// in double precision, and again with scikit-learn and SciPy.
namespace guardwatch::twelve_scores {

inline constexpr std::array<double, 12> kP{.02, .05, .10, .10, .30, .35,
                                           .45, .55, .60, .80, .90, .97};
inline constexpr std::array<bool, 12> kY{false, false, false, true, false, false,
                                         true,  false, true,  true, true,  true};

inline ScoreHistogram Histogram(int m = score_grid::kFine) {
  ScoreHistogram histogram;
  for (std::size_t i = 0; i < kP.size(); ++i) {
    histogram.AddLabel(Score::FromClipped(kP[i]), m, kY[i]);
  }
  return histogram;
}

// bin_of[i] is the bin of score i; ascending.
inline LabeledBins Bins(const std::array<int, 12>& bin_of) {
  LabeledBins bins;
  for (std::size_t i = 0; i < kP.size(); ++i) {
    if (i == 0 || bin_of[i] != bin_of[i - 1]) bins.emplace_back();
    bins.back().labeled += 1;
    bins.back().positive += kY[i] ? 1 : 0;
    bins.back().score_q += Score::FromClipped(kP[i]).q;
  }
  for (std::size_t i = 0, bin = 0; i < kP.size(); ++i) {
    if (i > 0 && bin_of[i] != bin_of[i - 1]) ++bin;
    const double away = kP[i] - bins[bin].mean_score();
    bins[bin].square_deviation += away * away;
    bins[bin].co_deviation += away * ((kY[i] ? 1.0 : 0.0) - bins[bin].positive_rate());
  }
  return bins;
}

// Five bins [k/5, (k+1)/5) of the decimal scores: .60 and .80 open their bins.
inline LabeledBins FiveBins() { return Bins({0, 0, 0, 0, 1, 1, 2, 2, 3, 4, 4, 4}); }

// (q * 5) >> 30 of the quantised scores, where both round down into the bin below.
inline LabeledBins FiveIntegerBins() {
  std::array<int, 12> bin_of{};
  for (std::size_t i = 0; i < kP.size(); ++i) {
    bin_of[i] = static_cast<int>((std::uint64_t{Score::FromClipped(kP[i]).q} * 5) >> 30);
  }
  return Bins(bin_of);
}

// Three scores each, in order; the two .10 are parted.
inline LabeledBins FourEqualBins() { return Bins({0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3}); }

}  // namespace guardwatch::twelve_scores
