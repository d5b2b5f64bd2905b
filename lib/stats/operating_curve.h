#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "stats/confusion.h"
#include "stats/score_histogram.h"

namespace guardwatch {

// What flagging every score with q >= threshold_q would have done to the labelled scores. The
// threshold is the low edge of a grid bin, where the counts are exact.
struct OperatingPoint {
  std::uint32_t threshold_q = 0;
  ClassCounts counts;
};

// From flagging nothing (threshold_q = 2^30 + 1) to flagging everything (0), thresholds falling:
// the ROC curve is (FalsePositiveRate, Recall), the precision-recall curve (Recall, Precision). One
// point per occupied bin, thinned to those that move the two rates on by about 2 / max_points, so
// at most max_points >= 3. Every point is exact. Nullopt unless there are labels of both classes.
std::optional<std::vector<OperatingPoint>> OperatingCurve(const ScoreHistogram& histogram, int m,
                                                          std::size_t max_points = 200);

// The point of greatest F1 over all occupied bins; of equals the one with the highest threshold.
// Nullopt without positives.
std::optional<OperatingPoint> BestF1(const ScoreHistogram& histogram, int m);

}  // namespace guardwatch
