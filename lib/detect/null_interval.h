#pragma once

#include "detect/e_factors.h"

namespace guardwatch {

inline constexpr double kZ99OneSided = 2.326;  // Normal quantile of 0.99.

// The rates that count as unchanged, [low, high]. low = 0: a fall cannot be told from the
// reference; high = 1: nor can a rise.
struct NullInterval {
  double low = 0;
  double high = 1;

  bool CanFall() const { return low > 0; }
  bool CanRise() const { return high < 1; }
  friend bool operator==(const NullInterval&, const NullInterval&) = default;
};

// 99 % one-sided Wilson limits of the reference rate, widened so that a relative change by
// `tolerance` is still no harm: low <= rate / (1 + tolerance), high >= rate * (1 + tolerance). A
// detector against the plain reference rate breaks its promise, because that rate is itself an
// estimate. Reference counts may be fractional, as shrinkage makes them. n > 0.
NullInterval MakeNullInterval(double n, double s, double tolerance);

}  // namespace guardwatch
