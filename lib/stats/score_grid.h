#pragma once

#include <bit>
#include <cstdint>

#include "base/score.h"

namespace guardwatch {

// The symmetric log-linear score grid: integer bins whose width is at most 2^-m * min(p, 1 - p), so
// that both tails keep their detail. Mirror-symmetric around 1/2; m = 5 nests exactly into m = 4.
namespace score_grid {

inline constexpr int kFine = 5;    // 1601 bins, for whole series.
inline constexpr int kCoarse = 4;  // 833 bins, for slices.

constexpr std::uint16_t BinCount(int m) {
  return static_cast<std::uint16_t>(2 * (30 - m) * (1 << m) + 1);
}

constexpr std::uint16_t BinOf(Score score, int m) {
  const std::uint32_t steps = 1u << m;
  const bool upper = score.q >= kScoreOne / 2;
  const std::uint32_t v = upper ? kScoreOne - score.q : score.q;
  std::uint32_t i = v;
  if (v >= steps) {
    const int e = std::bit_width(v) - 1;
    i = static_cast<std::uint32_t>(e - m + 1) * steps + ((v >> (e - m)) - steps);
  }
  const std::uint32_t top = BinCount(m) - 1u;
  return static_cast<std::uint16_t>(upper ? top - i : i);
}

// The q that bound a bin, both inside it.
struct Range {
  std::uint32_t low = 0;
  std::uint32_t high = 0;
};
Range RangeOf(std::uint16_t bin, int m);

}  // namespace score_grid

}  // namespace guardwatch
