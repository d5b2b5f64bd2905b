#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "expose/self_metrics.h"
#include "monitor/snapshot.h"

namespace guardwatch {

struct PrometheusExporterOptions {
  // Each cohort series costs up to about a hundred samples per scrape. Further ones, in the order
  // of their names, are left out and counted in guardwatch_cohort_series_left_out.
  std::int64_t max_cohort_series = 1000;
};

// Writes the text exposition format 0.0.4. Counters never go down from one exposition to the next,
// so one exporter must serve all scrapes of a process. Not thread-safe.
class PrometheusExporter {
 public:
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

  explicit PrometheusExporter(PrometheusExporterOptions options = {});
  ~PrometheusExporter();
  PrometheusExporter(const PrometheusExporter&) = delete;
  PrometheusExporter& operator=(const PrometheusExporter&) = delete;

  std::string Render(const Snapshot& snapshot, const SelfMetrics& self);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace guardwatch
