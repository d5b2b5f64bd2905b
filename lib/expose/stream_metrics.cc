#include <algorithm>
#include <map>
#include <tuple>

#include "expose/metric_table.h"
#include "expose/names.h"

// The input: what was read from each topic, how far, and what became of it.

namespace guardwatch {
namespace {

constexpr MetricType kCounter = MetricType::kCounter;
constexpr MetricType kGauge = MetricType::kGauge;

double Seconds(EventTime time) { return double(Micros(time)) / 1e6; }

template <class Visit>
void ForEachSource(const Scrape& scrape, Visit&& visit) {
  for (const auto& source : scrape.snapshot.sources) visit(*source);
}

// Counters of a topic, over its partitions.
template <class Visit>
void ForEachTopic(const Scrape& scrape, Visit&& visit) {
  ForEachSource(scrape, [&](const SourceView& source) {
    std::map<std::string_view, LogCounters> topics;
    for (const LogView& log : source.logs) topics[log.topic] += log.counters;
    for (const auto& [topic, counters] : topics) visit(source.name, topic, counters);
  });
}

template <class Visit>
void ForEachLog(const Scrape& scrape, Visit&& visit) {
  ForEachSource(scrape, [&](const SourceView& source) {
    for (const LogView& log : source.logs) visit(source, log, std::to_string(log.partition));
  });
}

void Events(const Scrape& scrape, SampleSink& out) {
  ForEachTopic(scrape, [&](std::string_view source, std::string_view topic, const LogCounters& c) {
    for (int i = 0; i < kEventKinds; ++i) {
      out.Add({source, topic, ToString(static_cast<EventKind>(i))},
              double(c.accepted[static_cast<std::size_t>(i)]));
    }
  });
}

void EventsRejected(const Scrape& scrape, SampleSink& out) {
  ForEachTopic(scrape, [&](std::string_view source, std::string_view topic, const LogCounters& c) {
    for (int i = 0; i < kRejectReasons; ++i) {
      out.Add({source, topic, ToString(static_cast<RejectReason>(i))},
              double(c.rejected[static_cast<std::size_t>(i)]));
    }
  });
}

void EventsLate(const Scrape& scrape, SampleSink& out) {
  ForEachTopic(scrape, [&](std::string_view source, std::string_view topic, const LogCounters& c) {
    for (std::size_t i = 0; i < kLateAgeNames.size(); ++i) {
      out.Add({source, topic, kLateAgeNames[i]}, double(c.late[i]));
    }
  });
}

// One counter of a topic's LogCounters.
auto OfTopic(std::int64_t LogCounters::*counter) {
  return [counter](const Scrape& scrape, SampleSink& out) {
    ForEachTopic(scrape,
                 [&](std::string_view source, std::string_view topic, const LogCounters& c) {
                   out.Add({source, topic}, double(c.*counter));
                 });
  };
}

// One number of a source.
auto OfSource(std::int64_t SourceView::*number) {
  return [number](const Scrape& scrape, SampleSink& out) {
    ForEachSource(scrape, [&](const SourceView& s) { out.Add({s.name}, double(s.*number)); });
  };
}

template <class Visit>
void ForEachWholeSeries(const Scrape& scrape, Visit&& visit) {
  for (const auto& series : scrape.snapshot.series) {
    if (series->key.slice.whole()) visit(*series, series->key.unit);
  }
}

void Scores(const Scrape& scrape, SampleSink& out) {
  ForEachWholeSeries(scrape, [&](const SeriesView& s, const UnitKey& unit) {
    out.Add(
        {unit.source, unit.guardrail, unit.category, s.key.model_version, ToString(s.key.variant)},
        double(s.scored_total));
  });
}

void Decisions(const Scrape& scrape, SampleSink& out) {
  ForEachWholeSeries(scrape, [&](const SeriesView& s, const UnitKey& unit) {
    for (int i = 0; i < kVerdicts; ++i) {
      out.Add({unit.source, unit.guardrail, unit.category, s.key.model_version,
               ToString(s.key.variant), ToString(static_cast<Verdict>(i))},
              double(s.verdicts_total[static_cast<std::size_t>(i)]));
    }
  });
}

void Labels(const Scrape& scrape, SampleSink& out) {
  ForEachSource(scrape, [&](const SourceView& source) {
    for (const LabelOutcomeView& unit : source.labels) {
      for (int i = 0; i < kLabelOutcomes; ++i) {
        out.Add(
            {source.name, unit.guardrail, unit.category, ToString(static_cast<LabelOutcome>(i))},
            double(unit.outcomes[static_cast<std::size_t>(i)]));
      }
    }
  });
}

void DecisionJoins(const Scrape& scrape, SampleSink& out) {
  ForEachSource(scrape, [&](const SourceView& source) {
    const DecisionOutcomes& d = source.decisions;
    out.Add({source.name, "joined"}, double(d.joined));
    out.Add({source.name, "late"}, double(d.late));
    out.Add({source.name, "agreement"}, double(d.agreement));
    out.Add({source.name, "disagreement"}, double(d.disagreement));
    out.Add({source.name, "orphan"}, double(d.orphan));
  });
}

template <class Visit>
void ForEachWatermark(const Scrape& scrape, Visit&& visit) {
  ForEachSource(scrape, [&](const SourceView& source) {
    const Watermarks& marks = source.watermarks;
    if (IsKnown(marks.scores)) visit(source, "scores", marks.scores);
    if (IsKnown(marks.labels)) visit(source, "labels", marks.labels);
  });
}

void WatermarkTime(const Scrape& scrape, SampleSink& out) {
  ForEachWatermark(scrape, [&](const SourceView& source, std::string_view kind, EventTime at) {
    out.Add({source.name, kind}, Seconds(at));
  });
}

void WatermarkDelay(const Scrape& scrape, SampleSink& out) {
  const double now = double(Micros(scrape.snapshot.at)) / 1e6;
  ForEachWatermark(scrape, [&](const SourceView& source, std::string_view kind, EventTime at) {
    out.Add({source.name, kind}, now - Seconds(at));
  });
}

void LogProgress(const Scrape& scrape, SampleSink& out) {
  ForEachLog(scrape, [&](const SourceView& source, const LogView& log, std::string_view partition) {
    if (log.progress) out.Add({source.name, log.topic, partition}, Seconds(*log.progress));
  });
}

void LogOffset(const Scrape& scrape, SampleSink& out) {
  ForEachLog(scrape, [&](const SourceView& source, const LogView& log, std::string_view partition) {
    out.Add({source.name, log.topic, partition}, double(log.next_offset));
  });
}

void LogStates(const Scrape& scrape, SampleSink& out) {
  ForEachLog(scrape, [&](const SourceView& source, const LogView& log, std::string_view partition) {
    for (const LogState state : kLogStates) {
      out.Add({source.name, log.topic, partition, LogStateName(state)}, log.state == state ? 1 : 0);
    }
  });
}

// Several workers may read the same labels; the log is as far behind as the slowest of them.
void LogLags(const Scrape& scrape, SampleSink& out) {
  std::map<std::tuple<std::string_view, std::string_view, std::int32_t>, std::int64_t> lags;
  for (const LogLag& lag : scrape.self.lags) {
    std::int64_t& most = lags[{lag.source, lag.topic, lag.partition}];
    most = std::max(most, lag.records);
  }
  for (const auto& [log, records] : lags) {
    const auto& [source, topic, partition] = log;
    out.Add({source, topic, std::to_string(partition)}, double(records));
  }
}

void CatchingUp(const Scrape& scrape, SampleSink& out) {
  ForEachSource(scrape, [&](const SourceView& s) { out.Add({s.name}, s.catching_up ? 1 : 0); });
}

void SeriesCount(const Scrape& scrape, SampleSink& out) {
  out.Add({}, double(scrape.snapshot.series.size()));
}

void SeriesLimit(const Scrape& scrape, SampleSink& out) {
  out.Add({}, double(scrape.snapshot.series_limit));
}

}  // namespace

std::vector<Metric> StreamMetrics() {
  const std::vector<std::string> unit{"source", "guardrail", "category"};
  const std::vector<std::string> series{"source", "guardrail", "category", "model_version",
                                        "variant"};
  const std::vector<std::string> verdict{"source",        "guardrail", "category",
                                         "model_version", "variant",   "verdict"};
  const std::vector<std::string> log{"source", "topic", "partition"};
  return {
      {"guardwatch_events_total",
       kCounter,
       {"source", "topic", "kind"},
       "Records read that were not rejected, late ones and duplicates included.",
       Events},
      {"guardwatch_events_rejected_total",
       kCounter,
       {"source", "topic", "reason"},
       "Records that could not be taken, by the first reason that applies.",
       EventsRejected},
      {"guardwatch_events_late_total",
       kCounter,
       {"source", "topic", "age"},
       "Events that came after their pane was sealed, by how far beyond the limit, at most.",
       EventsLate},
      {"guardwatch_events_late_for_sealed_total",
       kCounter,
       {"source", "topic"},
       "Events of a log that had been excused, for panes that were sealed meanwhile.",
       OfTopic(&LogCounters::late_for_sealed)},
      {"guardwatch_events_duplicate_total",
       kCounter,
       {"source", "topic"},
       "Scored events whose request was counted before.",
       OfTopic(&LogCounters::duplicates)},
      {"guardwatch_received_bytes_total",
       kCounter,
       {"source", "topic"},
       "Payload bytes read.",
       OfTopic(&LogCounters::bytes)},
      {"guardwatch_scores_total", kCounter, series, "Scored events that were counted.", Scores},
      {"guardwatch_decisions_total", kCounter, verdict,
       "Verdicts seen on counted events, as the guardrail gave them.", Decisions},
      {"guardwatch_labels_total",
       kCounter,
       {"source", "guardrail", "category", "outcome"},
       "Label events by what became of them.",
       Labels},
      {"guardwatch_decision_events_total",
       kCounter,
       {"source", "outcome"},
       "Separate decision events by what became of them.",
       DecisionJoins},
      {"guardwatch_identities_in_two_logs_total",
       kCounter,
       {"source"},
       "Requests seen in two logs, which do not de-duplicate each other.",
       OfSource(&SourceView::identity_in_two_logs)},
      {"guardwatch_events_folded_total",
       kCounter,
       {"source"},
       "Events that went to __other__ because a cap on names was reached.",
       OfSource(&SourceView::folded_events)},
      {"guardwatch_pending_events",
       kGauge,
       {"source"},
       "Scores, decisions and labels kept in memory for joining.",
       OfSource(&SourceView::pending)},
      {"guardwatch_watermark_timestamp_seconds",
       kGauge,
       {"source", "kind"},
       "Event time below which no more scores or labels are expected.",
       WatermarkTime},
      {"guardwatch_watermark_delay_seconds",
       kGauge,
       {"source", "kind"},
       "How far the watermark is behind the clock of this machine.",
       WatermarkDelay},
      {"guardwatch_source_catching_up",
       kGauge,
       {"source"},
       "1 while the source is far behind and its notifications are held.",
       CatchingUp},
      {"guardwatch_log_progress_timestamp_seconds", kGauge, log,
       "Greatest event time seen in a log, bounded by the records' own timestamps.", LogProgress},
      {"guardwatch_log_next_offset", kGauge, log, "The next offset that will be read.", LogOffset},
      {"guardwatch_log_lag_records", kGauge, log,
       "Records between what was read and the end of the log.", LogLags},
      {"guardwatch_log_state",
       kGauge,
       {"source", "topic", "partition", "state"},
       "1 for the state the log is in: waiting, active, idle, unavailable or finished.",
       LogStates},
      {"guardwatch_series", kGauge, {}, "Series that are monitored.", SeriesCount},
      {"guardwatch_series_limit", kGauge, {}, "How many series there may be.", SeriesLimit},
  };
}

}  // namespace guardwatch
