#pragma once

#include <cstdint>
#include <optional>

#include "stats/score_histogram.h"

namespace guardwatch {

// Area under the ROC curve of labelled scores, ties counted half, dimensionless in [0, 1].
//
// From a histogram the exact value is only known to lie in [bracket_low, bracket_high]; `value` is
// the middle. `low` and `high` are a 95 % interval for sampling error: DeLong's variance (DeLong,
// DeLong, Clarke-Pearson 1988) on the logit scale, absent where the variance is zero.
struct AreaUnderCurve {
  double value = 0;
  double bracket_low = 0;
  double bracket_high = 0;
  std::optional<double> low;
  std::optional<double> high;
  std::int64_t positives = 0;
  std::int64_t negatives = 0;
};

// Nullopt unless there are labels of both classes.
std::optional<AreaUnderCurve> RocAuc(const ScoreHistogram& histogram);

}  // namespace guardwatch
