#pragma once

#include <cstdint>
#include <optional>

#include "stats/proportion.h"
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

// DeLong's interval where it exists. Where every pair is ordered the same way the variance estimate
// is zero, and the interval is one-sided: k = min(positives, negatives) disjoint pairs in a row
// have probability A^k, so A >= alpha^(1/k) with confidence 1 - alpha (mirrored for an area of 0).
// Nullopt where the variance is zero or unknown but the area is neither 0 nor 1.
std::optional<Interval> RocAucInterval(const AreaUnderCurve& auc, double alpha = 0.05);

// What is left of the area with confidence 1 - alpha for any distribution of scores: A less
// sqrt(ln(1 / alpha) / (2 min(P, N))), at least 0 (Hoeffding 1963, section 5, for U-statistics).
double GuaranteedRocAuc(const AreaUnderCurve& auc, double alpha = 0.05);

// Standard error of an area from the two counts alone, to plan how many labels are needed. Hanley,
// McNeil (1982), Radiology 143:29-36. `area` in [0, 1], counts > 0.
double HanleyMcNeilError(double area, std::int64_t positives, std::int64_t negatives);

}  // namespace guardwatch
