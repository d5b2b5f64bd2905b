#include "expose/rollup.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace guardwatch {

bool Asks(const WindowQuery& query, const WindowRef& ref) {
  return query.series.Matches(*ref.key) && (!query.window || *query.window == ref.window->window) &&
         (!query.view || *query.view == ref.window->view);
}

std::vector<WindowRef> SelectWindows(const Snapshot& snapshot, const WindowQuery& query) {
  std::vector<WindowRef> selected;
  for (const auto& series : snapshot.series) {
    if (!query.series.Matches(series->key)) continue;
    for (const WindowView& window : series->windows) {
      const WindowRef ref{&series->key, &window};
      if (Asks(query, ref)) selected.push_back(ref);
    }
  }
  return selected;
}

std::vector<WindowRef> AllWindows(const std::vector<SeriesWindow>& windows) {
  std::vector<WindowRef> all;
  all.reserve(windows.size());
  for (const SeriesWindow& window : windows) all.push_back({&window.key, &window.window});
  return all;
}

std::vector<const Aggregate*> ClassesOf(const std::vector<WindowRef>& windows, WindowRef top) {
  std::vector<const Aggregate*> classes;
  if (top.key->unit.category != kTopLabel) return classes;
  for (const auto& [key, window] : windows) {
    if (window->window != top.window->window || window->view != top.window->view) continue;
    if (key == top.key || key->unit.guardrail != top.key->unit.guardrail) continue;
    SeriesKey as_top = *key;
    as_top.unit.category = kTopLabel;
    if (as_top == *top.key) classes.push_back(&*window->total);
  }
  return classes;
}

std::vector<RolledWindow> RollUp(const std::vector<WindowRef>& windows) {
  std::map<std::tuple<UnitKey, Variant, Slice, Duration, WindowViewKind>, RolledWindow> sums;
  for (const auto& [key, window] : windows) {
    auto [at, fresh] =
        sums.try_emplace({key->unit, key->variant, key->slice, window->window, window->view});
    RolledWindow& rolled = at->second;
    if (fresh) {
      rolled = {key->unit, key->variant, key->slice, {key->model_version}, *window};
      continue;
    }
    rolled.model_versions.push_back(key->model_version);
    rolled.window.end = std::max(rolled.window.end, window->end);
    rolled.window.total.Own() += *window->total;
  }
  std::vector<RolledWindow> result;
  result.reserve(sums.size());
  for (auto& [key, rolled] : sums) {
    std::sort(rolled.model_versions.begin(), rolled.model_versions.end());
    result.push_back(std::move(rolled));
  }
  return result;
}

}  // namespace guardwatch
