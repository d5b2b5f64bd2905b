#include <algorithm>
#include <array>
#include <map>

#include "expose/metric_table.h"

// The additive parts of every window, so that PromQL can merge instances and recompute any ratio.
// Precomputed windows are gauges on purpose: they follow event time, and labels come late.

namespace guardwatch {
namespace {

constexpr MetricType kGauge = MetricType::kGauge;

const std::vector<std::string> kWhole{"source",        "guardrail", "category",
                                      "model_version", "variant",   "window"};
const std::vector<std::string> kCohort{"source",  "guardrail", "category",  "model_version",
                                       "variant", "window",    "dimension", "value"};

std::vector<std::string> With(std::vector<std::string> labels,
                              std::initializer_list<const char*> more) {
  labels.insert(labels.end(), more.begin(), more.end());
  return labels;
}

// A number of an aggregate that is exported as it is.
struct Part {
  const char* name;  // What follows guardwatch_window_ and guardwatch_window_cohort_.
  const char* help;
  double (*read)(const Aggregate&);
};

template <std::int64_t Aggregate::*kField>
double Read(const Aggregate& total) {
  return double(total.*kField);
}

constexpr std::array kLabelFree{
    Part{"scored_events", "Scored events in the window.", Read<&Aggregate::scored>},
    Part{"decided_events", "Events with a verdict other than error.", Read<&Aggregate::decided>},
    Part{"flagged_events", "Decided events that were flagged.", Read<&Aggregate::flagged>},
    Part{"with_threshold_events", "Scored events with a threshold.",
         Read<&Aggregate::with_threshold>},
    Part{"in_band_events", "Events with a threshold whose score is near it.",
         Read<&Aggregate::in_band>},
    Part{"error_events", "Events on which the guardrail failed.", Read<&Aggregate::errors>},
    Part{"undecided_events", "Scores without a decision.", Read<&Aggregate::undecided>},
    Part{"saturated_events", "Scores of exactly 0 or 1.", Read<&Aggregate::saturated>},
    Part{"invalid_score_events", "Scores outside 0 to 1, in no other count.",
         Read<&Aggregate::invalid_scores>},
    Part{"scored_mass", "Sum of the scores as probabilities.",
         [](const Aggregate& a) { return double(a.score_q) / double{kScoreOne}; }},
};

constexpr std::array kLabelBased{
    Part{"unlabeled_events", "Events without a label, of those that labels may join.",
         [](const Aggregate& a) { return double(a.unlabeled()); }},
    Part{"true_positive_events", "Flagged events with a positive label.",
         Read<&Aggregate::true_positive>},
    Part{"false_positive_events", "Flagged events with a negative label.",
         Read<&Aggregate::false_positive>},
    Part{"true_negative_events", "Events not flagged, with a negative label.",
         Read<&Aggregate::true_negative>},
    Part{"false_negative_events", "Events not flagged, with a positive label.",
         Read<&Aggregate::false_negative>},
};

// Split by reliability bin for whole series; whole numbers for cohorts.
struct BinnedPart {
  const char* name;
  const char* help;
  double (*bin)(const ReliabilityBin&);
  double (*total)(const Aggregate&);
};

double ScoreMass(const ReliabilityBin& bin) { return double(bin.score_q) / double{kScoreOne}; }

double LabeledScoreMass(const Aggregate& total) {
  std::int64_t q = 0;
  for (int i = 0; i < kReliabilityBins; ++i) q += total.reliability[i].score_q;
  return double(q) / double{kScoreOne};
}

constexpr std::array kBinned{
    BinnedPart{"labeled_events", "Events with a label.",
               [](const ReliabilityBin& bin) { return double(bin.labeled); },
               Read<&Aggregate::labeled>},
    BinnedPart{"positive_events", "Events with a positive label.",
               [](const ReliabilityBin& bin) { return double(bin.positive); },
               Read<&Aggregate::positive>},
    BinnedPart{"score_mass", "Sum of the labelled scores as probabilities.", ScoreMass,
               LabeledScoreMass},
};

constexpr std::array<std::string_view, kReliabilityBins> kBinNames{
    "00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "14"};

std::string_view View(const ScrapedWindow& w) { return ToString(w.window->view); }

// Label-free counts are final in the current view; the matured one would only repeat them later.
bool IsCurrent(const ScrapedWindow& w) { return w.window->view == WindowViewKind::kCurrent; }

void AddWhole(SampleSink& out, const ScrapedWindow& w, double value) {
  const SeriesKey& k = *w.key;
  out.Add({k.unit.source, k.unit.guardrail, k.unit.category, k.model_version, ToString(k.variant),
           w.name},
          value);
}

void AddWholeView(SampleSink& out, const ScrapedWindow& w, double value) {
  const SeriesKey& k = *w.key;
  out.Add({k.unit.source, k.unit.guardrail, k.unit.category, k.model_version, ToString(k.variant),
           w.name, View(w)},
          value);
}

void AddWholeBin(SampleSink& out, const ScrapedWindow& w, std::string_view bin, double value) {
  const SeriesKey& k = *w.key;
  out.Add({k.unit.source, k.unit.guardrail, k.unit.category, k.model_version, ToString(k.variant),
           w.name, View(w), bin},
          value);
}

void AddCohort(SampleSink& out, const ScrapedWindow& w, double value) {
  const SeriesKey& k = *w.key;
  out.Add({k.unit.source, k.unit.guardrail, k.unit.category, k.model_version, ToString(k.variant),
           w.name, k.slice.dimension, k.slice.value},
          value);
}

void AddCohortView(SampleSink& out, const ScrapedWindow& w, double value) {
  const SeriesKey& k = *w.key;
  out.Add({k.unit.source, k.unit.guardrail, k.unit.category, k.model_version, ToString(k.variant),
           w.name, k.slice.dimension, k.slice.value, View(w)},
          value);
}

// Units that count decisions alone have labels but no scores to bin: those stand under `none`, so
// that the sum over bins is the total everywhere.
void AddBins(SampleSink& out, const ScrapedWindow& w, const BinnedPart& part) {
  double rest = part.total(w.window->total);
  for (int i = 0; i < kReliabilityBins; ++i) {
    const double value = part.bin(w.window->total->reliability[i]);
    AddWholeBin(out, w, kBinNames[static_cast<std::size_t>(i)], value);
    rest -= value;
  }
  if (rest >= 1) AddWholeBin(out, w, "none", rest);
}

Metric LabelFreeMetric(const Part& part) {
  return {std::string("guardwatch_window_") + part.name, kGauge, kWhole, part.help,
          [&part](const Scrape& scrape, SampleSink& out) {
            for (const ScrapedWindow& w : scrape.wholes) {
              if (IsCurrent(w)) AddWhole(out, w, part.read(w.window->total));
            }
          }};
}

Metric LabelBasedMetric(const Part& part) {
  return {std::string("guardwatch_window_") + part.name, kGauge, With(kWhole, {"view"}), part.help,
          [&part](const Scrape& scrape, SampleSink& out) {
            for (const ScrapedWindow& w : scrape.wholes) {
              AddWholeView(out, w, part.read(w.window->total));
            }
          }};
}

Metric BinnedMetric(const BinnedPart& part) {
  return {std::string("guardwatch_window_") + part.name, kGauge, With(kWhole, {"view", "bin"}),
          std::string(part.help) + " Sum over bins for the total.",
          [&part](const Scrape& scrape, SampleSink& out) {
            for (const ScrapedWindow& w : scrape.wholes) AddBins(out, w, part);
          }};
}

Metric CohortLabelFreeMetric(const Part& part) {
  return {std::string("guardwatch_window_cohort_") + part.name, kGauge, kCohort,
          std::string(part.help) + " Per cohort value.",
          [&part](const Scrape& scrape, SampleSink& out) {
            for (const ScrapedWindow& w : scrape.cohorts) {
              if (IsCurrent(w)) AddCohort(out, w, part.read(w.window->total));
            }
          }};
}

Metric CohortLabelBasedMetric(const char* name, const char* help,
                              double (*read)(const Aggregate&)) {
  return {std::string("guardwatch_window_cohort_") + name, kGauge, With(kCohort, {"view"}),
          std::string(help) + " Per cohort value.", [read](const Scrape& scrape, SampleSink& out) {
            for (const ScrapedWindow& w : scrape.cohorts) {
              AddCohortView(out, w, read(w.window->total));
            }
          }};
}

void WindowEnds(const Scrape& scrape, SampleSink& out) {
  std::map<std::array<std::string_view, 3>, EventTime> ends;
  for (const ScrapedWindow& w : scrape.wholes) {
    auto [at, fresh] = ends.try_emplace({w.key->unit.source, w.name, View(w)}, w.window->end);
    if (!fresh) at->second = std::max(at->second, w.window->end);
  }
  for (const auto& [labels, end] : ends) {
    out.Add({labels[0], labels[1], labels[2]}, double(Micros(end)) / 1e6);
  }
}

}  // namespace

std::vector<Metric> WindowMetrics() {
  std::vector<Metric> rows;
  for (const Part& part : kLabelFree) rows.push_back(LabelFreeMetric(part));
  for (const Part& part : kLabelBased) rows.push_back(LabelBasedMetric(part));
  for (const BinnedPart& part : kBinned) rows.push_back(BinnedMetric(part));
  for (const Part& part : kLabelFree) rows.push_back(CohortLabelFreeMetric(part));
  for (const Part& part : kLabelBased) {
    rows.push_back(CohortLabelBasedMetric(part.name, part.help, part.read));
  }
  for (const BinnedPart& part : kBinned) {
    rows.push_back(CohortLabelBasedMetric(part.name, part.help, part.total));
  }
  rows.push_back({"guardwatch_window_end_timestamp_seconds",
                  kGauge,
                  {"source", "window", "view"},
                  "Event time at which the latest window ends.",
                  WindowEnds});
  return rows;
}

}  // namespace guardwatch
