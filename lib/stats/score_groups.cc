#include "stats/score_groups.h"

#include <algorithm>

#include "base/check.h"
#include "base/int128.h"

namespace guardwatch {

std::optional<ScoreGroups> ScoreGroups::From(const ScoreHistogram& reference, int m, int groups) {
  GUARDWATCH_CHECK(groups > 0);
  std::int64_t total = 0;
  for (const HistogramCell& cell : reference.cells()) total += cell.scored;
  if (total <= 0) return std::nullopt;
  ScoreGroups frozen;
  frozen.m = m;
  std::int64_t below = 0;
  int next = 1;  // The group that is being filled.
  for (const HistogramCell& cell : reference.cells()) {
    below += cell.scored;
    if (Int128{below} * groups < Int128{total} * next) continue;
    frozen.last.push_back(cell.bin);
    next = static_cast<int>(Int128{below} * groups / total) + 1;
  }
  frozen.last.back() = static_cast<std::uint16_t>(score_grid::BinCount(m) - 1);
  return frozen;
}

std::vector<std::int64_t> ScoreGroups::CountsOf(const ScoreHistogram& histogram) const {
  std::vector<std::int64_t> counts(last.size());
  for (const HistogramCell& cell : histogram.cells()) {
    const auto group = std::lower_bound(last.begin(), last.end(), cell.bin);
    counts[static_cast<std::size_t>(group - last.begin())] += cell.scored;
  }
  return counts;
}

}  // namespace guardwatch
