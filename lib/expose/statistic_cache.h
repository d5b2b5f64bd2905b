#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "monitor/snapshot.h"
#include "window/statistics.h"

namespace guardwatch {

// The headline statistics of series, computed once for all readers until one of their panes
// changes: snapshots share the view of a series that has not. For one thread.
class StatisticCache {
 public:
  // One row of values per window of the view; values as in Statistics(), others than the headline
  // ones empty. Valid until the next EndReading.
  using Rows = std::vector<std::vector<StatisticValue>>;
  const Rows& Headlines(const std::shared_ptr<const SeriesView>& view);

  // Forgets views that were not asked for since the last call: they are of the past.
  void EndReading();

 private:
  struct Entry {
    std::shared_ptr<const SeriesView> view;  // Kept, so that its address stays its own.
    Rows rows;
    bool asked = true;
  };
  std::unordered_map<const SeriesView*, Entry> entries_;
};

}  // namespace guardwatch
