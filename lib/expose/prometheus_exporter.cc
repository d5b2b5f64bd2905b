#include "expose/prometheus_exporter.h"

#include <algorithm>
#include <chrono>
#include <sstream>
#include <unordered_map>
#include <utility>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include "base/check.h"
#include "base/duration.h"
#include "expose/metric_table.h"
#include "expose/statistic_cache.h"

namespace guardwatch {
namespace {

// The highest value each counter has shown, by metric and labels.
using Highest = std::unordered_map<std::string, double>;

// Fills one prometheus::MetricFamily after another, reusing its samples: most of the cost of an
// exposition would else be the allocation of labels.
class FamilyBuffer final : public SampleSink {
 public:
  void Begin(const Metric& metric) {
    metric_ = &metric;
    used_ = 0;
    family().name = metric.name;
    family().help = metric.help;
    family().type = metric.type == MetricType::kCounter ? prometheus::MetricType::Counter
                                                        : prometheus::MetricType::Gauge;
  }

  void Add(std::initializer_list<std::string_view> label_values, double value) override {
    GUARDWATCH_CHECK(label_values.size() == metric_->labels.size());
    if (used_ == family().metric.size()) family().metric.emplace_back();
    prometheus::ClientMetric& sample = family().metric[used_++];
    sample.label.resize(label_values.size());
    std::size_t i = 0;
    for (const std::string_view label_value : label_values) {
      sample.label[i].name = metric_->labels[i];
      sample.label[i].value = label_value;
      ++i;
    }
    if (metric_->type == MetricType::kCounter) {
      sample.counter.value = NeverLess(label_values, value);
    } else {
      sample.gauge.value = value;
    }
  }

  // The family as the serializer wants it; nothing if it has no samples.
  std::size_t Finish() {
    family().metric.resize(used_);
    return used_;
  }
  const std::vector<prometheus::MetricFamily>& families() const { return families_; }

  // Counters that were not shown are forgotten: if one comes back, it starts anew.
  void EndExposition() {
    highest_ = std::move(shown_);
    shown_.clear();
  }

 private:
  prometheus::MetricFamily& family() { return families_.front(); }

  // Sums over shards may dip for a moment, when a correction arrives before what it corrects; to
  // Prometheus a counter that goes down is a restart, and the next rate would be far too high.
  double NeverLess(std::initializer_list<std::string_view> label_values, double value) {
    std::string key = metric_->name;
    for (const std::string_view label_value : label_values) {
      key.push_back('\xff');  // Not part of any UTF-8 text.
      key += label_value;
    }
    const auto before = highest_.find(key);
    if (before != highest_.end()) value = std::max(value, before->second);
    shown_.emplace(std::move(key), value);
    return value;
  }

  const Metric* metric_ = nullptr;
  std::vector<prometheus::MetricFamily> families_ = std::vector<prometheus::MetricFamily>(1);
  std::size_t used_ = 0;
  Highest highest_;
  Highest shown_;
};

bool HasEvents(const Aggregate& total) {
  return total.scored != 0 || total.decided != 0 || total.errors != 0 || total.invalid_scores != 0;
}

void CollectWindows(const Snapshot& snapshot, std::int64_t max_cohort_series,
                    StatisticCache& statistics, Scrape& scrape) {
  std::int64_t cohort_series = 0;
  for (const auto& series : snapshot.series) {
    if (series->key.slice.whole()) {
      const StatisticCache::Rows& rows = statistics.Headlines(series);
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const WindowView& window = series->windows[i];
        scrape.wholes.push_back({&series->key, &window, FormatDuration(window.window), rows[i]});
      }
      continue;
    }
    if (std::none_of(series->windows.begin(), series->windows.end(),
                     [](const WindowView& w) { return HasEvents(w.total); })) {
      continue;
    }
    if (++cohort_series > max_cohort_series) {
      ++scrape.cohorts_left_out;
      continue;
    }
    for (const WindowView& window : series->windows) {
      if (!HasEvents(window.total)) continue;
      scrape.cohorts.push_back({&series->key, &window, FormatDuration(window.window), {}});
    }
  }
}

}  // namespace

class PrometheusExporter::Impl {
 public:
  explicit Impl(PrometheusExporterOptions options) : options_(options) {}

  std::string Render(const Snapshot& snapshot, const SelfMetrics& self) {
    const auto started = std::chrono::steady_clock::now();
    Scrape scrape{.snapshot = snapshot,
                  .self = self,
                  .wholes = {},
                  .cohorts = {},
                  .last_render_seconds = last_render_seconds_};
    CollectWindows(snapshot, options_.max_cohort_series, statistics_, scrape);
    statistics_.EndReading();

    std::ostringstream text;
    for (const Metric& metric : MetricTable()) {
      buffer_.Begin(metric);
      metric.collect(scrape, buffer_);
      const std::size_t samples = buffer_.Finish();
      if (samples == 0) continue;  // A family without samples says nothing.
      scrape.samples += static_cast<std::int64_t>(samples);
      serializer_.Serialize(text, buffer_.families());
    }
    buffer_.EndExposition();
    last_render_seconds_ =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    return std::move(text).str();
  }

 private:
  PrometheusExporterOptions options_;
  FamilyBuffer buffer_;
  StatisticCache statistics_;
  prometheus::TextSerializer serializer_;
  std::optional<double> last_render_seconds_;
};

PrometheusExporter::PrometheusExporter(PrometheusExporterOptions options)
    : impl_(std::make_unique<Impl>(options)) {}
PrometheusExporter::~PrometheusExporter() = default;

std::string PrometheusExporter::Render(const Snapshot& snapshot, const SelfMetrics& self) {
  return impl_->Render(snapshot, self);
}

}  // namespace guardwatch
