#include "stats/proportion.h"

#include <algorithm>
#include <cmath>

namespace guardwatch {

std::optional<Interval> WilsonInterval(std::int64_t successes, std::int64_t trials, double z) {
  if (trials <= 0) return std::nullopt;
  const double n = double(trials);
  const double rate = double(successes) / n;
  const double z2 = z * z;
  const double center = rate + z2 / (2.0 * n);
  const double half = z * std::sqrt(rate * (1.0 - rate) / n + z2 / (4.0 * n * n));
  const double scale = 1.0 + z2 / n;
  return Interval{successes == 0 ? 0.0 : std::max(0.0, (center - half) / scale),
                  successes == trials ? 1.0 : std::min(1.0, (center + half) / scale)};
}

}  // namespace guardwatch
