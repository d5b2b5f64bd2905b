#include "detect/calibration_factor.h"

#include <algorithm>

#include "base/check.h"
#include "detect/exact_math.h"
#include "stats/proportion.h"

namespace guardwatch {
namespace {

constexpr double kLimitsZ = 3.0;
constexpr double kLogOddsTolerance = 0.1;

}  // namespace

double ChangedRate(double rate, CalibrationChange change) {
  const double odds = ExactExp(change.slope * ExactLog(rate / (1.0 - rate)) + change.shift);
  return odds / (1.0 + odds);
}

CalibrationLimits MakeCalibrationLimits(Count reference) {
  const auto limits = WilsonInterval(reference.s, reference.n, kLimitsZ);
  if (!limits) return {};
  const bool one_class = reference.s == 0 || reference.s == reference.n;
  const double rate = one_class ? (double(reference.s) + 0.5) / (double(reference.n) + 1.0)
                                : double(reference.s) / double(reference.n);
  return {std::min(limits->low, ChangedRate(rate, {-kLogOddsTolerance, 1})), rate,
          std::max(limits->high, ChangedRate(rate, {kLogOddsTolerance, 1}))};
}

double LogCalibrationFactor(std::span<const CalibrationLimits> bins, std::span<const Count> counts,
                            CalibrationChange change) {
  GUARDWATCH_CHECK(bins.size() == counts.size());
  double sum = 0;
  for (std::size_t b = 0; b < bins.size(); ++b) {
    if (counts[b].n == 0) continue;
    const double rate = ChangedRate(bins[b].rate, change);
    const double base = std::clamp(rate, bins[b].low, bins[b].high);
    if (base == rate) continue;
    sum += MakeBernoulliFactor(std::clamp(base, 0x1p-53, 1 - 0x1p-53), rate).Log(counts[b]);
  }
  return sum;
}

}  // namespace guardwatch
