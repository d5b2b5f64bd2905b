#pragma once

#include <cstdint>
#include <optional>

namespace guardwatch {

inline constexpr double kZ95 = 1.959963984540054;  // Normal quantile of 0.975.

struct Interval {
  double low = 0;
  double high = 0;
};

// Wilson score interval for a binomial proportion, dimensionless, in [0, 1]. `z` is the normal
// quantile: 1.96 for a nominal 95 %. Coverage is approximate, not conservative. Nullopt for zero
// trials: no data is not a rate of zero. Wilson (1927), JASA 22:209-212.
std::optional<Interval> WilsonInterval(std::int64_t successes, std::int64_t trials,
                                       double z = kZ95);

}  // namespace guardwatch
