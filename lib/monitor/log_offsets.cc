#include "monitor/log_offsets.h"

#include <iterator>

namespace guardwatch {
namespace {

constexpr std::size_t kMostPassages = 9000;  // 62 days.

}  // namespace

void LogOffsets::Note(const LogChange& change) {
  read_to_ = change.to;
  for (const LogPassage& passage : change.passages) {
    passages_[passage.pane] = passage.offset;
    changes_.entered.push_back(passage.pane);
    if (passages_.size() <= kMostPassages) continue;
    changes_.forgotten.push_back(passages_.begin()->first);
    passages_.erase(passages_.begin());
  }
}

std::optional<LogOffsets::Offsets> LogOffsets::Range(EventTime from, EventTime to,
                                                     Duration late) const {
  if (passages_.empty()) return std::nullopt;
  constexpr Duration kGrid = LogPassage::kGrid;
  // Everything before the passage into a pane is older than that pane.
  const auto after_first = passages_.upper_bound(PaneOf(from, kGrid));
  const auto first = after_first == passages_.begin() ? after_first : std::prev(after_first);
  // Everything from the passage into a pane that begins at `to` + late or later on is too late.
  const auto last = passages_.lower_bound(PaneOf(AlignUp(to + late, kGrid), kGrid));
  return Offsets{first->second, last == passages_.end() ? read_to_ : last->second};
}

}  // namespace guardwatch
