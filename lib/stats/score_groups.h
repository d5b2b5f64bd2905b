#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "stats/score_histogram.h"

namespace guardwatch {

// Groups of about equally many reference scores, labelled or not, frozen so that windows stay
// comparable and mergeable. Their edges are edges of the grid of resolution m: counting is exact.
struct ScoreGroups {
  int m = score_grid::kFine;
  std::vector<std::uint16_t> last;  // Last grid bin of each; ascending, ends with the grid's last.

  // Group k ends with the first bin up to which lie at least k/groups of the reference scores.
  // Fewer groups where ties make edges coincide; none is empty in the reference. Nullopt for a
  // reference without scores.
  static std::optional<ScoreGroups> From(const ScoreHistogram& reference, int m, int groups);

  // The scores in each group, of a histogram on the grid of resolution m.
  std::vector<std::int64_t> CountsOf(const ScoreHistogram& histogram) const;

  friend bool operator==(const ScoreGroups&, const ScoreGroups&) = default;
};

}  // namespace guardwatch
