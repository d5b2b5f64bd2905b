#include <array>

#include "base/score.h"
#include "expose/metric_table.h"
#include "stats/score_histogram.h"

// The headline statistics, one family per statistic and end of its interval. The others are in the
// JSON API. They hold for one instance:
// to merge instances, divide the sums of the window metrics.

namespace guardwatch {
namespace {

constexpr MetricType kGauge = MetricType::kGauge;

// Cohorts carry what people compare between cohorts, without intervals: those are in the API.
constexpr std::array<std::string_view, 6> kCohortStatistics{
    "band_share", "fail_rate", "precision", "recall", "false_positive_rate", "coverage"};

using Part = std::optional<double> StatisticValue::*;

std::string FamilyName(std::string_view prefix, const Statistic& statistic,
                       std::string_view part = "") {
  const std::string_view unit = statistic.name == "log_loss" ? "_nats" : "_ratio";
  return std::string(prefix).append(statistic.name).append(part).append(unit);
}

bool IsShown(const Statistic& statistic, const WindowView& window) {
  return statistic.label_based || window.view == WindowViewKind::kCurrent;
}

// Which parts a statistic has is a property of how it is computed, not of the data: ask it once,
// about data on which everything can be computed.
const StatisticValue& Probe(std::size_t index) {
  static const std::vector<StatisticValue> kProbe = [] {
    constexpr std::uint32_t kWeight = 1u << 24;
    Aggregate a;
    a.scored = a.sampled = a.with_threshold = a.decided = a.labeled = 4;
    a.in_band = a.flagged = a.positive = a.errors = 2;
    a.true_positive = a.true_negative = a.false_positive = a.false_negative = 1;
    for (const auto& [p, positive] :
         {std::pair{0.1, false}, {0.4, true}, {0.6, false}, {0.9, true}}) {
      const Score score = Score::FromClipped(p);
      a.reliability.Add(score, positive);
      a.histogram.AddLabel(score, score_grid::kFine, positive);
      a.weighted.AddDecision(kWeight, p > 0.5, positive, 1);
    }
    std::vector<StatisticValue> values;
    for (const Statistic& statistic : Statistics()) {
      values.push_back(statistic.headline ? statistic.compute(a) : StatisticValue{});
    }
    return values;
  }();
  return kProbe[index];
}

void AddWhole(SampleSink& out, const ScrapedWindow& w, bool with_view, double value) {
  const SeriesKey& k = *w.key;
  const std::string_view variant = ToString(k.variant);
  if (with_view) {
    out.Add({k.unit.source, k.unit.guardrail, k.unit.category, k.model_version, variant, w.name,
             ToString(w.window->view)},
            value);
  } else {
    out.Add({k.unit.source, k.unit.guardrail, k.unit.category, k.model_version, variant, w.name},
            value);
  }
}

void AddCohort(SampleSink& out, const ScrapedWindow& w, bool with_view, double value) {
  const SeriesKey& k = *w.key;
  const std::string_view variant = ToString(k.variant);
  if (with_view) {
    out.Add({k.unit.source, k.unit.guardrail, k.unit.category, k.model_version, variant, w.name,
             k.slice.dimension, k.slice.value, ToString(w.window->view)},
            value);
  } else {
    out.Add({k.unit.source, k.unit.guardrail, k.unit.category, k.model_version, variant, w.name,
             k.slice.dimension, k.slice.value},
            value);
  }
}

std::vector<std::string> Labels(const Statistic& statistic, bool cohort) {
  std::vector<std::string> labels{"source",        "guardrail", "category",
                                  "model_version", "variant",   "window"};
  if (cohort) labels.insert(labels.end(), {"dimension", "value"});
  if (statistic.label_based) labels.emplace_back("view");
  return labels;
}

// Absent rather than NaN where it cannot be computed.
Metric WholeMetric(std::size_t index, std::string name, std::string help, Part part) {
  const Statistic& statistic = Statistics()[index];
  return {std::move(name), kGauge, Labels(statistic, false), std::move(help),
          [index, part, &statistic](const Scrape& scrape, SampleSink& out) {
            for (const ScrapedWindow& w : scrape.wholes) {
              const std::optional<double> value = w.statistics[index].*part;
              if (!value || !IsShown(statistic, *w.window)) continue;
              AddWhole(out, w, statistic.label_based, *value);
            }
          }};
}

Metric CohortMetric(const Statistic& statistic) {
  return {FamilyName("guardwatch_cohort_", statistic), kGauge, Labels(statistic, true),
          std::string(statistic.help) + " Per cohort value; do not aggregate.",
          [&statistic](const Scrape& scrape, SampleSink& out) {
            for (const ScrapedWindow& w : scrape.cohorts) {
              if (!IsShown(statistic, *w.window)) continue;
              const std::optional<double> value = statistic.compute(w.window->total).value;
              if (value) AddCohort(out, w, statistic.label_based, *value);
            }
          }};
}

}  // namespace

std::vector<Metric> StatisticMetrics() {
  std::vector<Metric> rows;
  for (std::size_t i = 0; i < Statistics().size(); ++i) {
    const Statistic& statistic = Statistics()[i];
    if (!statistic.headline) continue;
    const std::string name = FamilyName("guardwatch_", statistic);
    rows.push_back(WholeMetric(i, name, std::string(statistic.help) + " Do not aggregate.",
                               &StatisticValue::value));
    if (Probe(i).low) {
      const std::string of = statistic.bounded ? " bound of " + name + "."
                                               : " end of the 95 % interval of " + name + ".";
      rows.push_back(WholeMetric(i, name + "_low", "Lower" + of, &StatisticValue::low));
      rows.push_back(WholeMetric(i, name + "_high", "Upper" + of, &StatisticValue::high));
    }
    if (Probe(i).noise_floor) {
      rows.push_back(WholeMetric(i, FamilyName("guardwatch_", statistic, "_noise_floor"),
                                 "What " + name + " would be on average if nothing were wrong.",
                                 &StatisticValue::noise_floor));
    }
  }
  for (const std::string_view name : kCohortStatistics) {
    rows.push_back(CohortMetric(*FindStatistic(name)));
  }
  return rows;
}

}  // namespace guardwatch
