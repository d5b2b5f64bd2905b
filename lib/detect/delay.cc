#include "detect/delay.h"

#include <algorithm>

#include "base/check.h"
#include "detect/exact_math.h"

namespace guardwatch {

double RelativeEntropy(double a, double b) {
  GUARDWATCH_CHECK(a >= 0 && a <= 1 && b > 0 && b < 1);
  const double success = a > 0 ? a * ExactLog(a / b) : 0.0;
  const double failure = a < 1 ? (1.0 - a) * ExactLog((1.0 - a) / (1.0 - b)) : 0.0;
  return success + failure;
}

std::optional<double> ExpectedDelay(double rate, NullInterval null, const DelayQuestion& question) {
  const bool rise = rate > null.high && null.CanRise();
  const bool fall = rate < null.low && null.CanFall();
  if (!rise && !fall) return std::nullopt;
  const double needed = ExactLog(question.threshold) + ExactLog(double(question.components));
  return needed / RelativeEntropy(rate, rise ? null.high : null.low) * question.tempering +
         question.step_events / 2.0;
}

std::optional<double> SmallestDetectableLift(Direction direction, double rate, NullInterval null,
                                             double events, const DelayQuestion& question) {
  GUARDWATCH_CHECK(direction != Direction::kBoth);
  if (!(rate > 0 && rate < 1)) return std::nullopt;
  constexpr double kLargestLift = 100;
  const bool up = direction == Direction::kUp;
  const auto in_time = [&](double lift) {
    const auto delay = ExpectedDelay(up ? rate * lift : rate / lift, null, question);
    return delay && *delay <= events;
  };
  double low = 1;
  double high = up ? std::min(kLargestLift, 1.0 / rate) : kLargestLift;
  if (!in_time(high)) return std::nullopt;
  for (int i = 0; i < 40; ++i) {
    const double middle = 0.5 * (low + high);
    (in_time(middle) ? high : low) = middle;
  }
  return high;
}

}  // namespace guardwatch
