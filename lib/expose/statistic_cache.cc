#include "expose/statistic_cache.h"

#include <iterator>
#include <utility>

namespace guardwatch {

const StatisticCache::Rows& StatisticCache::Headlines(
    const std::shared_ptr<const SeriesView>& view) {
  const auto [at, added] = entries_.try_emplace(view.get());
  Entry& entry = at->second;
  entry.asked = true;
  if (!added) return entry.rows;
  entry.view = view;
  for (const WindowView& window : view->windows) {
    std::vector<StatisticValue>& row = entry.rows.emplace_back();
    for (const Statistic& statistic : Statistics()) {
      row.push_back(statistic.headline ? statistic.compute(window.total) : StatisticValue{});
    }
  }
  return entry.rows;
}

void StatisticCache::EndReading() {
  for (auto at = entries_.begin(); at != entries_.end();) {
    at = std::exchange(at->second.asked, false) ? std::next(at) : entries_.erase(at);
  }
}

}  // namespace guardwatch
