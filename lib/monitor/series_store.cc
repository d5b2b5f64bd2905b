#include "monitor/series_store.h"

#include <algorithm>
#include <utility>

#include "window/coarse.h"

namespace guardwatch {

WindowGrid WindowGrid::For(const std::vector<Duration>& windows, Duration longest_horizon) {
  WindowGrid grid;
  const Duration longest = *std::max_element(windows.begin(), windows.end());
  grid.coarse = CoarsePaneWidth(longest, longest_horizon);
  for (const Duration window : windows) {
    grid.slots.push_back({window, WindowViewKind::kCurrent, window <= kLongestFineWindow});
    if (window % grid.coarse == Duration{}) {
      grid.slots.push_back({window, WindowViewKind::kMatured, false});
    }
  }
  return grid;
}

Duration WindowGrid::LongestWindow() const {
  Duration longest{};
  for (const Slot& slot : slots) longest = std::max(longest, slot.window);
  return longest;
}

Duration WindowGrid::LongestFineWindow() const {
  Duration longest = kPaneWidth;
  for (const Slot& slot : slots) {
    if (slot.fine) longest = std::max(longest, slot.window);
  }
  return longest;
}

Series::Series(SeriesKey key, std::uint32_t number, const WindowGrid& grid)
    : key_(std::move(key)), number_(number), grid_(grid), totals_(grid.slots.size()) {}

Series::NewPanes Series::Add(PaneIndex pane, const Aggregate& change, EventTime fine_floor) {
  const EventTime start = PaneStart(pane);
  NewPanes added;
  const auto add = [&](PaneMap& panes, PaneIndex index) {
    const auto [at, is_new] = panes.try_emplace(index);
    at->second += change;
    return is_new;
  };
  if (start >= fine_floor) added.fine = add(fine_, pane);
  added.coarse = add(coarse_, PaneOf(start, grid_.coarse));
  for (std::size_t i = 0; i < totals_.size(); ++i) {
    const WindowGrid::Slot& slot = grid_.slots[i];
    if (start < slot.end && start >= slot.end - slot.window) totals_[i] += change;
  }
  scored_total += change.scored;
  MarkChanged();
  return added;
}

void Series::Slide(std::size_t slot_index, EventTime new_end) {
  const WindowGrid::Slot& slot = grid_.slots[slot_index];
  const PaneMap& panes = PanesOf(slot);
  const Duration slide = grid_.slide(slot);
  const PaneIndex entering = PaneOf(new_end, slide) - 1;
  const PaneIndex leaving = entering - slot.window / slide;
  if (const auto at = panes.find(entering); at != panes.end()) totals_[slot_index] += at->second;
  if (const auto at = panes.find(leaving); at != panes.end()) totals_[slot_index] -= at->second;
  MarkChanged();
}

void Series::Forget(EventTime fine_floor, EventTime coarse_floor) {
  fine_.erase(fine_.begin(), fine_.lower_bound(PaneOf(fine_floor)));
  const auto kept = coarse_.lower_bound(PaneOf(coarse_floor, grid_.coarse));
  for (auto at = coarse_.begin(); at != kept; ++at) {
    for (std::size_t i = 0; i < totals_.size(); ++i) {
      const WindowGrid::Slot& slot = grid_.slots[i];
      const EventTime start = PaneStart(at->first, grid_.coarse);
      // A matured view that stands still for days is outlived by its panes' bound.
      const bool held = !slot.fine && start < slot.end && start >= slot.end - slot.window;
      if (held) totals_[i] -= at->second;
    }
  }
  coarse_.erase(coarse_.begin(), kept);
}

std::optional<Aggregate> Series::Sum(EventTime from, EventTime to, EventTime fine_floor,
                                     EventTime coarse_floor) const {
  const auto add = [](const PaneMap& panes, PaneIndex first, PaneIndex last, Aggregate& sum) {
    for (auto at = panes.lower_bound(first); at != panes.end() && at->first < last; ++at) {
      sum += at->second;
    }
  };
  Aggregate sum;
  if (from >= fine_floor) {
    add(fine_, PaneOf(from), PaneOf(to), sum);
    return sum;
  }
  const bool aligned = AlignDown(from, grid_.coarse) == from && AlignDown(to, grid_.coarse) == to;
  if (from < coarse_floor || !aligned) return std::nullopt;
  add(coarse_, PaneOf(from, grid_.coarse), PaneOf(to, grid_.coarse), sum);
  return sum;
}

void Series::RestorePane(bool fine, PaneIndex pane, Aggregate total) {
  (fine ? fine_ : coarse_)[pane] = std::move(total);
}

void Series::Restored() {
  for (std::size_t i = 0; i < totals_.size(); ++i) {
    const WindowGrid::Slot& slot = grid_.slots[i];
    totals_[i].Clear();
    if (slot.end == kBeginningOfTime) continue;
    const PaneMap& panes = PanesOf(slot);
    const Duration slide = grid_.slide(slot);
    const PaneIndex end = PaneOf(slot.end, slide);
    for (auto at = panes.lower_bound(end - slot.window / slide);
         at != panes.end() && at->first < end; ++at) {
      totals_[i] += at->second;
    }
  }
  MarkChanged();
}

std::shared_ptr<const SeriesView> Series::View() const {
  if (view_) return view_;
  auto view = std::make_shared<SeriesView>();
  view->key = key_;
  for (std::size_t i = 0; i < totals_.size(); ++i) {
    const WindowGrid::Slot& slot = grid_.slots[i];
    if (slot.end == kBeginningOfTime) continue;  // Nothing has been sealed, or matured, yet.
    view->windows.push_back({slot.window, slot.view, slot.end, totals_[i]});
  }
  view->scored_total = scored_total;
  view->verdicts_total = verdicts_total;
  if (!fine_.empty()) view->last_event_pane_end = PaneEnd(fine_.rbegin()->first);
  view_ = std::move(view);
  return view_;
}

}  // namespace guardwatch
