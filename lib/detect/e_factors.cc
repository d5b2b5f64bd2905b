#include "detect/e_factors.h"

#include "base/check.h"
#include "detect/exact_math.h"

namespace guardwatch {

BernoulliFactor MakeBernoulliFactor(double base, double alternative, double tempering) {
  GUARDWATCH_CHECK(base > 0 && base < 1 && alternative > 0 && alternative < 1 && tempering > 0);
  return {ExactLog(alternative / base) / tempering,
          ExactLog((1.0 - alternative) / (1.0 - base)) / tempering};
}

double ShiftOdds(double base, double lift) {
  const double odds = base / (1.0 - base) * lift;
  return odds / (1.0 + odds);
}

double LogMeanFactor(std::span<const WeightedValue> values, double mean_limit, double bet) {
  GUARDWATCH_CHECK(mean_limit > 0 && bet > 0 && bet < 1);
  double sum = 0;
  for (const WeightedValue& x : values) {
    GUARDWATCH_CHECK(x.value >= 0 && x.count >= 0);
    sum += double(x.count) * ExactLog(1.0 + bet * (x.value / mean_limit - 1.0));
  }
  return sum;
}

double LogLossFactor(std::span<const WeightedValue> losses, double reference_high, double tolerance,
                     double bet) {
  return LogMeanFactor(losses, reference_high * (1.0 + tolerance), bet);
}

double Placement(std::int64_t below, std::int64_t equal, std::int64_t total) {
  GUARDWATCH_CHECK(total > 0 && below >= 0 && equal >= 0 && below + equal <= total);
  return double(2 * (total - below) - equal) / double(2 * total);
}

double LogAucFactor(std::span<const WeightedValue> placements, double auc_low, double bet,
                    double margin) {
  return LogMeanFactor(placements, 1.0 - (auc_low - margin), bet);
}

double LogTwoGroupFactor(Count a, Count b, double guess_a, double guess_b) {
  if (a.n + b.n == 0) return 0;
  const double pooled =
      (double(a.n) * guess_a + double(b.n) * guess_b) / (double(a.n) + double(b.n));
  return MakeBernoulliFactor(pooled, guess_a).Log(a) + MakeBernoulliFactor(pooled, guess_b).Log(b);
}

}  // namespace guardwatch
