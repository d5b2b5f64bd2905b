#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/score.h"
#include "stats/score_histogram.h"

namespace guardwatch {

// Performance that is to be expected while labels are still missing, from scores alone: confidence
// based performance estimation (Humphrey, Kuberski, Bialek, Perrakis, Cools, Nuyttens, Elakhrass,
// Cunha 2022; Guillory et al. 2021).
//
// It rests on one assumption: that P(y | score) is what it was in the reference. Then it follows
// every shift of the traffic that shows in the scores. It is blind to concept drift, to attacks
// that score low and to label shift: no ground for an alarm.

// Live scores for which the chance of a positive is the same.
struct CalibratedBin {
  double rate = 0;             // In [0, 1].
  std::int64_t reference = 0;  // Labels that `rate` was estimated from; 0: it is known exactly.
  std::int64_t flagged = 0;    // Live scores that were flagged,
  std::int64_t passed = 0;     // and those that were not.

  std::int64_t n() const { return flagged + passed; }
};

// Live scores by the isotonic fit of the reference's labels, one bin per block, in order of score.
// The first and last rate are Jeffreys' (s + 1/2)/(n + 1) where they would be 0 or 1. The `flagged`
// highest live scores count as flagged. Both histograms are on the grid of resolution m. Empty if
// the reference has no labels.
std::vector<CalibratedBin> CalibratedBinsOf(const ScoreHistogram& reference,
                                            const ScoreHistogram& live, int m,
                                            std::int64_t flagged);

struct ExpectedValue {
  double value = 0;
  // Standard deviation of the realised value around it, by the delta method: labels are random
  // given their rates, and rates are estimates.
  double sd = 0;
};

struct ExpectedPerformance {
  std::int64_t n = 0;
  ExpectedValue true_positive;   // Also the sd of flagged - this, the false positives.
  ExpectedValue false_negative;  // Also the sd of the true negatives.
  ExpectedValue positive;        // Of all scores.
  double false_positive = 0;
  double true_negative = 0;
  std::optional<ExpectedValue> precision;  // Nullopt if nothing was flagged.
  std::optional<ExpectedValue> recall;     // Nullopt if no positive is expected.
  std::optional<ExpectedValue> f1;         // The same.
  std::optional<double> roc_auc;           // Nullopt if only one class is expected.
  std::optional<double> roc_auc_sd;        // Nullopt unless more than one of each class is.
};

// Bins in order of score, so that rates rise. Nullopt without scores.
std::optional<ExpectedPerformance> ExpectPerformance(std::span<const CalibratedBin> bins);

}  // namespace guardwatch
