#pragma once

#include <cstdint>
#include <vector>

#include "stats/score_histogram.h"

namespace guardwatch {

// n labelled scores of one class, at their mean.
struct LabeledPoint {
  double score = 0;
  std::int64_t n = 0;
  bool positive = false;
};

// The labelled scores of a histogram on the grid of resolution m, one point per grid bin and class,
// in order of bin, negatives first. Sums and sums over a class are exact; a function that curves
// inside a bin is off by its second derivative times width^2 / 8, width <= 2^-m min(p, 1 - p).
std::vector<LabeledPoint> LabeledPointsOf(const ScoreHistogram& histogram, int m);

}  // namespace guardwatch
