#include "detect/null_interval.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace guardwatch {

NullInterval MakeNullInterval(double n, double s, double tolerance) {
  GUARDWATCH_CHECK(n > 0 && s >= 0 && s <= n && tolerance >= 0);
  constexpr double kZSquared = kZ99OneSided * kZ99OneSided;
  const double rate = s / n;
  // Wilson (1927), JASA 22:209-212, on counts that need not be whole.
  const double center = rate + kZSquared / (2.0 * n);
  const double half = kZ99OneSided * std::sqrt(rate * (1.0 - rate) / n + kZSquared / (4.0 * n * n));
  const double scale = 1.0 + kZSquared / n;
  const double low = s <= 0 ? 0.0 : (center - half) / scale;
  const double high = s >= n ? 1.0 : (center + half) / scale;
  return {std::max(0.0, std::min(low, rate / (1.0 + tolerance))),
          std::min(1.0, std::max(high, rate * (1.0 + tolerance)))};
}

}  // namespace guardwatch
