#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "detect/e_factors.h"
#include "detect/null_interval.h"

namespace guardwatch {

enum class Direction : std::uint8_t { kUp, kDown, kBoth };
std::string_view ToString(Direction direction);  // up, down, both.

// What the odds may be multiplied or divided by, from a fifth more to ten times. No single
// alternative is best for all changes, and no window length is; their mixture is close to the best.
inline constexpr std::array<double, 8> kLifts{1.2, 1.35, 1.5, 1.75, 2.25, 3, 5, 10};

// The alternatives of one Bernoulli stream: lifts of the upper limit's odds first, then falls of
// the lower limit's, each against the limit of its own side, so that every rate inside the
// interval, constant or not, gives factors of mean at most 1.
class RateAlternatives {
 public:
  // Sides that `direction` does not ask for, or that the interval leaves nothing of, are absent.
  RateAlternatives(NullInterval null, double tempering, Direction direction);

  int up() const { return up_; }      // Components of a rise: [0, up).
  int size() const { return size_; }  // Components of a fall: [up, size).

  // Writes size() log factors; returns the part of `log_factors` that was written.
  std::span<const double> LogFactors(Count count, std::span<double> log_factors) const;

 private:
  std::array<BernoulliFactor, 2 * kLifts.size()> factors_;
  int up_ = 0;
  int size_ = 0;
};

}  // namespace guardwatch
