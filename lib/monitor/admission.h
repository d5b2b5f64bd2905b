#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "monitor/options.h"
#include "window/series.h"

namespace guardwatch {

// Decides, once for the whole process and first come first served, which names of a source get
// series of their own. The rest shares __other__, so totals stay exact. A name keeps its place
// until the last series that uses it has gone.
class Admission {
 public:
  Admission(const MonitoredSource& source, std::int64_t max_series)
      : source_(source), max_series_(max_series) {}

  // The key under which `key` is counted: itself, or with __other__ in place of what has no room.
  SeriesKey Admit(SeriesKey key);

  // A series exists under this admitted key; it has gone.
  void Added(const SeriesKey& key);
  void Removed(const SeriesKey& key);

  std::int64_t series() const { return series_; }
  bool limit_reached() const { return limit_reached_; }

 private:
  using UnitName = std::pair<std::string, std::string>;  // Guardrail, category.

  const MonitoredSource& source_;
  const std::int64_t max_series_;
  std::map<UnitName, std::int64_t>
      units_;  // Admitted names with the number of series that use them.
  std::map<std::pair<UnitName, std::string>, std::int64_t> versions_;
  std::map<UnitName, std::int64_t> versions_per_unit_;
  std::map<std::pair<std::string, std::string>, std::int64_t> values_;  // Dimension, value.
  std::map<std::string, std::int64_t> values_per_dimension_;
  std::int64_t series_ = 0;
  bool limit_reached_ = false;
};

}  // namespace guardwatch
