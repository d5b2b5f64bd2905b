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

Series::NewPanes Series::Add(PaneIndex pane, const Aggregate& change, PaneStage stage) {
  const EventTime start = PaneStart(pane);
  const PaneIndex coarse = PaneOf(start, grid_.coarse);
  const bool later = stage == PaneStage::kOpen && !grid_.one_width();
  NewPanes added;
  added.coarse = later ? coarse_.Make(coarse) : coarse_.Add(coarse, change);
  if (stage != PaneStage::kOnlyCoarse) {
    added.fine = grid_.one_width() ? added.coarse : fine_.Add(pane, change);
  }
  for (std::size_t i = 0; i < totals_.size(); ++i) {
    const WindowGrid::Slot& slot = grid_.slots[i];
    if (start < slot.end && start >= slot.end - slot.window) totals_[i].Own() += change;
  }
  scored_total += change.scored;
  MarkChanged();
  return added;
}

void Series::AddToCoarse(PaneIndex pane) {
  Aggregate room;
  if (const Aggregate* total = fine_.Find(pane, room)) {
    coarse_.Add(PaneOf(PaneStart(pane), grid_.coarse), *total);
  }
}

void Series::Slide(std::size_t slot_index, EventTime new_end) {
  const WindowGrid::Slot& slot = grid_.slots[slot_index];
  const PaneStore& panes = PanesOf(slot);
  const Duration slide = grid_.slide(slot);
  const PaneIndex entering = PaneOf(new_end, slide) - 1;
  const PaneIndex leaving = entering - slot.window / slide;
  Aggregate room;
  if (const Aggregate* pane = panes.Find(entering, room)) totals_[slot_index].Own() += *pane;
  if (const Aggregate* pane = panes.Find(leaving, room)) Take(slot_index, *pane);
  MarkChanged();
}

// Most windows of thin cohorts are empty again and again.
void Series::Take(std::size_t slot, const Aggregate& pane) {
  Aggregate& total = totals_[slot].Own();
  total -= pane;
  if (total.empty()) totals_[slot] = {};
}

void Series::Forget(EventTime fine_floor, EventTime coarse_floor) {
  fine_floor_ = fine_floor;
  fine_.ForgetBefore(PaneOf(fine_floor));
  const PaneIndex kept = PaneOf(coarse_floor, grid_.coarse);
  for (std::size_t i = 0; i < totals_.size(); ++i) {
    const WindowGrid::Slot& slot = grid_.slots[i];
    if (slot.fine || slot.end == kBeginningOfTime) continue;
    // A matured view that stands still for days is outlived by its panes' bound.
    const PaneIndex first = PaneOf(AlignUp(slot.end - slot.window, grid_.coarse), grid_.coarse);
    const PaneIndex end = std::min(kept, PaneOf(slot.end, grid_.coarse));
    coarse_.ForEach(first, end, [&](PaneIndex, const Aggregate& pane) { Take(i, pane); });
  }
  coarse_.ForgetBefore(kept);
}

std::optional<Aggregate> Series::Sum(EventTime from, EventTime to, bool fine_panes,
                                     const KeptPanes& kept) const {
  Aggregate sum;
  const auto add = [&](PaneIndex, const Aggregate& pane) { sum += pane; };
  if (fine_panes && from >= kept.fine_floor) {
    fine().ForEach(PaneOf(from), PaneOf(to), add);
    return sum;
  }
  const bool aligned = AlignDown(from, grid_.coarse) == from && AlignDown(to, grid_.coarse) == to;
  if (from < kept.coarse_floor || !aligned) return std::nullopt;
  coarse_.ForEach(PaneOf(from, grid_.coarse), PaneOf(to, grid_.coarse), add);
  fine_.ForEach(PaneOf(std::max(from, kept.coarse_through)), PaneOf(to), add);
  return sum;
}

void Series::RestorePane(bool fine, PaneIndex pane, Aggregate total) {
  (fine ? fine_ : coarse_).Set(pane, std::move(total));
}

void Series::Restored(EventTime fine_floor) {
  fine_floor_ = fine_floor;
  for (std::size_t i = 0; i < totals_.size(); ++i) {
    const WindowGrid::Slot& slot = grid_.slots[i];
    totals_[i] = {};
    if (slot.end == kBeginningOfTime) continue;
    const Duration slide = grid_.slide(slot);
    const PaneIndex end = PaneOf(slot.end, slide);
    PanesOf(slot).ForEach(end - slot.window / slide, end,
                          [&](PaneIndex, const Aggregate& pane) { totals_[i].Own() += pane; });
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
    totals_[i].Freeze();
    view->windows.push_back({slot.window, slot.view, slot.end, totals_[i]});
  }
  view->scored_total = scored_total;
  view->verdicts_total = verdicts_total;
  if (const auto last = fine().Last(); last && PaneStart(*last) >= fine_floor_) {
    view->last_event_pane_end = PaneEnd(*last);
  }
  view_ = std::move(view);
  return view_;
}

}  // namespace guardwatch
