#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "expose/self_metrics.h"
#include "monitor/snapshot.h"
#include "window/statistics.h"

// Every metric guardwatch exports is one row of the table: its name, what it means, its labels, and
// how to read it from a scrape. docs/metrics.md lists the same rows; a test holds them together.

namespace guardwatch {

// One window of one series, as the window metrics walk over them.
struct ScrapedWindow {
  const SeriesKey* key = nullptr;
  const WindowView* window = nullptr;
  std::string name;                        // 5m, 1h, 24h.
  std::vector<StatisticValue> statistics;  // As in Statistics(); headline ones of wholes only.
};

// What one exposition is made from.
struct Scrape {
  const Snapshot& snapshot;
  const SelfMetrics& self;
  std::vector<ScrapedWindow> wholes;
  std::vector<ScrapedWindow> cohorts;  // Those with events in them.
  std::int64_t cohorts_left_out = 0;   // Cohort series beyond the limit of a scrape.
  std::int64_t samples = 0;            // Written so far.
  std::optional<double> last_render_seconds;
};

// Takes the samples of one family.
class SampleSink {
 public:
  virtual ~SampleSink() = default;
  // `label_values` in the order of the metric's labels. No two samples of a family may agree in
  // all.
  virtual void Add(std::initializer_list<std::string_view> label_values, double value) = 0;
};

enum class MetricType : std::uint8_t { kCounter, kGauge };
std::string_view ToString(MetricType type);

struct Metric {
  std::string name;
  MetricType type = MetricType::kGauge;
  std::vector<std::string> labels;
  std::string help;
  std::function<void(const Scrape&, SampleSink&)> collect;
};

// All of them, in the order of the exposition.
const std::vector<Metric>& MetricTable();

// The rows by what they tell of: the input logs, what is kept, the windows, the derived statistics,
// alerts and findings, the process. A new metric is a row in one of them.
std::vector<Metric> StreamMetrics();
std::vector<Metric> StateMetrics();
std::vector<Metric> WindowMetrics();
std::vector<Metric> StatisticMetrics();
std::vector<Metric> AlertMetrics();
std::vector<Metric> ProcessMetrics();

}  // namespace guardwatch
