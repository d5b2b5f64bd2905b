#pragma once

#include <optional>
#include <span>

#include "stats/labeled_bins.h"
#include "stats/score_histogram.h"

namespace guardwatch {

// sum (s_b - n_b f_b)^2 / (n_b f_b (1 - f_b)), chi-squared if scores are calibrated. The scores
// were not fitted on these labels, so the degrees of freedom are the bins, not the bins less two.
// Hosmer, Lemeshow (1980), Communications in Statistics 9:1043-1069.
struct HosmerLemeshow {
  double statistic = 0;
  int degrees = 0;  // Bins with 0 < f_b < 1.
  double p_value = 1;
  // Labels contradict a score of exactly 0 or 1. Such a bin has no variance and is not in the sum.
  bool impossible_event = false;
};

// Nullopt if every bin has a mean score of 0 or 1, or there are none.
std::optional<HosmerLemeshow> HosmerLemeshowTest(std::span<const LabeledBin> bins);

// sum (y - p)(1 - 2p) / sqrt(sum (1 - 2p)^2 p (1 - p)), standard normal if scores are calibrated.
// Spiegelhalter (1986), Statistics in Medicine 5:421-433. Scores of a class in a grid bin are taken
// at their mean. Nullopt if the variance is zero: no labels, or all scores 0, 1/2 or 1.
std::optional<double> SpiegelhalterZ(const ScoreHistogram& histogram, int m);

}  // namespace guardwatch
