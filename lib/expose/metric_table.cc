#include "expose/metric_table.h"

#include <iterator>

namespace guardwatch {

std::string_view ToString(MetricType type) {
  return type == MetricType::kCounter ? "counter" : "gauge";
}

const std::vector<Metric>& MetricTable() {
  static const std::vector<Metric> kTable = [] {
    std::vector<Metric> table;
    // The process comes last: some of its rows are about the exposition so far.
    for (const auto& part : {StreamMetrics, StateMetrics, WindowMetrics, StatisticMetrics,
                             AlertMetrics, ProcessMetrics}) {
      std::vector<Metric> rows = part();
      table.insert(table.end(), std::make_move_iterator(rows.begin()),
                   std::make_move_iterator(rows.end()));
    }
    return table;
  }();
  return kTable;
}

}  // namespace guardwatch
