#include "detect/rate_alternatives.h"

#include "base/check.h"

namespace guardwatch {

std::string_view ToString(Direction direction) {
  switch (direction) {
    case Direction::kUp:
      return "up";
    case Direction::kDown:
      return "down";
    case Direction::kBoth:
      return "both";
  }
  return "";
}

RateAlternatives::RateAlternatives(NullInterval null, double tempering, Direction direction) {
  const auto add = [&](double base, double lift) {
    factors_[static_cast<std::size_t>(size_++)] =
        MakeBernoulliFactor(base, ShiftOdds(base, lift), tempering);
  };
  if (direction != Direction::kDown && null.CanRise()) {
    for (const double lift : kLifts) add(null.high, lift);
    up_ = size_;
  }
  if (direction != Direction::kUp && null.CanFall()) {
    for (const double lift : kLifts) add(null.low, 1.0 / lift);
  }
}

std::span<const double> RateAlternatives::LogFactors(Count count,
                                                     std::span<double> log_factors) const {
  const auto used = static_cast<std::size_t>(size_);
  GUARDWATCH_CHECK(log_factors.size() >= used);
  for (std::size_t k = 0; k < used; ++k) log_factors[k] = factors_[k].Log(count);
  return log_factors.first(used);
}

}  // namespace guardwatch
