#include "stats/score_grid.h"

#include <algorithm>

namespace guardwatch {

score_grid::Range score_grid::RangeOf(std::uint16_t bin, int m) {
  const std::uint32_t steps = 1u << m;
  const std::uint32_t top = BinCount(m) - 1u;
  const bool upper = bin >= top / 2;
  const std::uint32_t i = upper ? top - bin : bin;
  Range range{i, i};
  if (i >= steps) {
    const std::uint32_t octave = i / steps - 1;
    const std::uint32_t low = (i % steps + steps) << octave;
    range = {low, low + (1u << octave) - 1};
  }
  if (!upper) return range;
  const Range mirrored{kScoreOne - range.high, kScoreOne - range.low};
  // The bin of exactly 1/2 holds nothing else: values just above it mirror the ones below.
  return {std::max(mirrored.low, kScoreOne / 2), mirrored.high};
}

}  // namespace guardwatch
