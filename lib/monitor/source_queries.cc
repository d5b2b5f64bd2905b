// Questions about panes that are kept: the const half of SourceMonitor.

#include <algorithm>

#include "monitor/source_monitor.h"

namespace guardwatch {

std::vector<SeriesWindow> SourceMonitor::Windows(const WindowQuery& query) const {
  std::vector<SeriesWindow> answer;
  for (const auto& [key, series] : series_) {
    if (!query.series.Matches(key)) continue;
    for (std::size_t i = 0; i < grid_.slots.size(); ++i) {
      const WindowGrid::Slot& slot = grid_.slots[i];
      if (query.window && *query.window != slot.window) continue;
      if (query.view && *query.view != slot.view) continue;
      if (slot.end == kBeginningOfTime) continue;  // Nothing has been sealed, or matured, yet.
      const EventTime asked = query.at ? AlignDown(*query.at, grid_.slide(slot)) : slot.end;
      if (asked >= slot.end) {
        answer.push_back({key, {slot.window, slot.view, slot.end, series->total(i)}});
      } else if (auto sum = series->Sum(asked - slot.window, asked, slot.fine, kept_)) {
        answer.push_back({key, {slot.window, slot.view, asked, std::move(*sum)}});
      }
    }
  }
  return answer;
}

std::vector<SeriesWindow> SourceMonitor::WindowsUpTo(EventTime last) const {
  std::vector<SeriesWindow> answer;
  for (const auto& [key, series] : series_) {
    for (const WindowGrid::Slot& slot : grid_.slots) {
      const EventTime end = AlignUp(last, grid_.slide(slot));
      auto sum = series->Sum(end - slot.window, end, slot.fine, kept_);
      if (sum) answer.push_back({key, {slot.window, slot.view, end, std::move(*sum)}});
    }
  }
  return answer;
}

std::vector<SeriesHistory> SourceMonitor::History(const HistoryQuery& query) const {
  const EventTime from = std::max(query.from, kept_.coarse_floor);
  const EventTime to = std::min(query.to, sealed_through_);
  const bool fine_kept = from >= kept_.fine_floor;
  Duration step = std::max(query.step, fine_kept ? kPaneWidth : grid_.coarse);
  const Duration grid = fine_kept ? kPaneWidth : grid_.coarse;
  if (step % grid != Duration{}) step += grid - step % grid;
  std::vector<SeriesHistory> answer;
  for (const auto& [key, series] : series_) {
    if (!query.series.Matches(key)) continue;
    SeriesHistory history{key, {}};
    const PaneStore& panes = fine_kept ? series->fine() : series->coarse();
    panes.ForEach(PaneOf(from, grid), PaneOf(to, grid), [&](PaneIndex pane, const Aggregate& sum) {
      const EventTime start = AlignDown(PaneStart(pane, grid), step);
      if (history.points.empty() || history.points.back().start != start) {
        history.points.push_back({start, start + step, {}});
      }
      history.points.back().total += sum;
    });
    answer.push_back(std::move(history));
  }
  return answer;
}

}  // namespace guardwatch
