#pragma once

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "ingest/reference.h"
#include "support/source_run.h"

// Seeded random streams for the simulations of both stages, and what came out of them.

namespace guardwatch {

inline constexpr int kEventsPerStream = 400;

// Sanitizers make a seed some twenty times as slow; the plain build runs them all.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSlow = true;
#else
inline constexpr bool kSlow = false;
#endif

// How many seeds a simulation runs (GUARDWATCH_SEEDS), and the first of them (GUARDWATCH_SEED).
inline std::uint32_t FromEnvironment(const char* name, std::uint32_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10)) : otherwise;
}
inline std::uint32_t FirstSeed() { return FromEnvironment("GUARDWATCH_SEED", 20261122); }
inline std::uint32_t Seeds(std::uint32_t usual) {
  return FromEnvironment("GUARDWATCH_SEEDS", kSlow ? std::max(usual / 20, 4u) : usual);
}

using Random = std::mt19937;

inline int Below(Random& random, int n) {
  return static_cast<int>(random() % static_cast<std::uint32_t>(n));
}
inline bool Chance(Random& random, int percent) { return Below(random, 100) < percent; }
template <class T>
const T& OneOf(Random& random, const std::vector<T>& all) {
  return all[static_cast<std::size_t>(Below(random, static_cast<int>(all.size())))];
}

// Limits short enough for a stream of a few hours to cross each of them.
inline SourceOptions ShortLimits() {
  SourceOptions source;
  source.name = "gateway";
  source.allowed_lateness = std::chrono::seconds(60);
  source.label_lateness = std::chrono::seconds(90);
  source.duplicate_window = std::chrono::minutes(5);
  source.label_early = std::chrono::minutes(2);
  source.label_horizon = std::chrono::minutes(10);
  source.idle_timeout = source.hold_timeout = std::chrono::hours(1000);
  source.cohorts = {"lang"};
  GuardrailOptions waits = OptionsOf("router");
  waits.decided_by_decision_events = true;
  waits.label_horizon = std::chrono::minutes(4);
  GuardrailOptions verdicts = OptionsOf("rules");
  verdicts.score_kind = ScoreKind::kDecisionsOnly;
  GuardrailOptions threshold = OptionsOf("toxicity", "hate");
  threshold.threshold = 0.5;
  source.guardrails = {waits, verdicts, threshold};
  return source;
}

inline std::vector<TestTopic> SomeTopics(Random& random) {
  const int partitions = OneOf(random, std::vector<int>{1, 2, 4});
  std::vector<TestTopic> topics{{"decisions", kOnlyDecisions, partitions},
                                {"events", kEverything, partitions},
                                {"labels", kOnlyLabels, 1 + Below(random, 3)},
                                {"scores", kOnlyScores, partitions}};
  if (Chance(random, 30)) topics.erase(topics.begin() + Below(random, 4));
  return topics;
}

// The events of each log. Times gather at the limits, one microsecond to either side.
class StreamWriter {
 public:
  StreamWriter(const SourceOptions& source, std::uint32_t seed)
      : source_(source), random_(seed), topics_(SomeTopics(random_)), logs_(LogsOf(topics_)) {}

  RecordedStream Write() {
    RecordedStream stream{topics_, logs_, std::vector<std::vector<EventBuilder>>(logs_.size())};
    std::vector<EventTime> reached(logs_.size(), kNoon);
    for (int i = 0; i < kEventsPerStream; ++i) {
      const auto log = static_cast<std::size_t>(Below(random_, static_cast<int>(logs_.size())));
      // Copies come from what the log itself holds, as a producer's retry does.
      if (!stream.records[log].empty() && Chance(random_, 10)) {
        stream.records[log].push_back(OneOf(random_, stream.records[log]));
        continue;
      }
      EventBuilder built = AnEvent(logs_[log]);
      built.At(ATime(reached[log]));
      reached[log] = std::max(reached[log], built.time());
      used_.push_back(built.time());
      stream.records[log].push_back(std::move(built));
    }
    return stream;
  }

 private:
  EventTime ATime(EventTime reached) {
    const Duration nudge = Below(random_, 3) * kTick - kTick;
    const int kind = Below(random_, 100);
    if (kind < 45 || used_.empty())
      return reached + Below(random_, 60) * std::chrono::seconds(1) + nudge;
    if (kind < 55) return AlignDown(reached - source_.allowed_lateness, kPaneWidth) + nudge;
    if (kind < 60) return AlignDown(reached - source_.label_lateness, kPaneWidth) + nudge;
    const Duration apart = OneOf(
        random_, std::vector<Duration>{source_.duplicate_window, -source_.duplicate_window,
                                       source_.label_horizon, std::chrono::minutes(4),
                                       -source_.label_early, source_.label_early, Duration{}});
    return OneOf(random_, used_) + apart + nudge;
  }

  EventBuilder AnEvent(const TestLog& log) {
    std::vector<EventKind> kinds;
    if (log.carries.scores) kinds.insert(kinds.end(), {EventKind::kScore, EventKind::kCombined});
    if (log.carries.decisions) kinds.push_back(EventKind::kDecision);
    if (log.carries.labels) kinds.push_back(EventKind::kLabel);
    const EventKind kind = OneOf(random_, kinds);
    // Requests stay in their partition, as a producer's key makes them.
    const int home = log.carries.only_labels() ? Below(random_, 4) : log.partition;
    std::string request = "r" + std::to_string(home) + "-" + std::to_string(Below(random_, 2));
    if (kind == EventKind::kLabel) return ALabel(request);
    if (kind == EventKind::kDecision) return ADecision(request);
    if (Chance(random_, 8)) request.clear();
    return AScore(request, kind == EventKind::kCombined);
  }

  EventBuilder& Named(EventBuilder& built) {
    built.Guardrail(OneOf(random_, std::vector<std::string>{"toxicity", "router", "rules"}));
    if (Chance(random_, 50)) built.Category("hate");
    if (Chance(random_, 10)) built.Candidate();
    return built;
  }

  EventBuilder AScore(const std::string& request, bool combined) {
    const double p = Below(random_, 101) / 100.0;
    if (Chance(random_, 20)) {
      auto built = EventBuilder::Classes(request, {{"hate", p}, {"safe", 0.5}, {"spam", 1 - p}});
      if (combined) built.LabelText(OneOf(random_, std::vector<std::string>{"hate", "safe"}));
      return built.Guardrail("classes").Cohort({"de"});
    }
    auto built = EventBuilder::Scored(request, p);
    Named(built).Model(OneOf(random_, std::vector<std::string>{"v1", "v2"}));
    built.Cohort(
        {OneOf(random_, std::vector<std::optional<std::string>>{"de", "en", std::nullopt})});
    if (Chance(random_, 30)) built.Threshold(Below(random_, 101) / 100.0);
    if (combined && Chance(random_, 60)) built.Verdict(AVerdict());
    if (combined) built.Label(Chance(random_, 50));
    return built;
  }

  Verdict AVerdict() {
    return OneOf(random_, std::vector<Verdict>{Verdict::kAllow, Verdict::kAllow, Verdict::kBlock,
                                               Verdict::kFlag, Verdict::kError});
  }

  EventBuilder ADecision(const std::string& request) {
    auto built = EventBuilder::Decided(request, AVerdict());
    if (Chance(random_, 30)) built.Threshold(Below(random_, 101) / 100.0);
    return Named(built).Cohort({"de"});
  }

  EventBuilder ALabel(const std::string& request) {
    EventBuilder built = EventBuilder::Labeled(request, Chance(random_, 50));
    const int kind = Below(random_, 10);
    if (kind == 0) built = EventBuilder::Retracted(request);
    if (kind == 1) built = EventBuilder::LabeledAs(request, "unsafe");
    if (kind >= 7) built = EventBuilder::LabeledAs(request, kind == 7 ? "hate" : "safe");
    if (kind >= 7 || Chance(random_, 10)) {
      built.Guardrail("classes");
    } else {
      Named(built);
    }
    return built.Revision(Below(random_, 3));
  }

  const SourceOptions& source_;
  Random random_;
  std::vector<TestTopic> topics_;
  std::vector<TestLog> logs_;
  std::vector<EventTime> used_;
};

inline Panes PanesOf(const Monitor& monitor) {
  Panes panes;
  for (const SeriesHistory& history :
       monitor.History({{}, kBeginningOfTime, kEndOfTime, kPaneWidth})) {
    for (const HistoryPoint& point : history.points) {
      if (!point.total.empty()) panes[{history.key, PaneOf(point.start)}] = point.total;
    }
  }
  return panes;
}

using Windows = std::map<std::tuple<SeriesKey, Duration, WindowViewKind, EventTime>, Aggregate>;
inline Windows ByName(const std::vector<SeriesWindow>& answer) {
  Windows windows;
  for (const SeriesWindow& each : answer) {
    // Series that count nothing go sooner or later.
    if (each.window.total->empty()) continue;
    windows[{each.key, each.window.window, each.window.view, each.window.end}] = each.window.total;
  }
  return windows;
}

inline std::string Differences(const Panes& expected, const Panes& actual) {
  std::string text;
  const auto describe = [&](const auto& at, const Panes& other, std::string_view which) {
    const auto same = other.find(at.first);
    if (same != other.end() && same->second == at.second) return;
    const Aggregate& a = at.second;
    const SeriesKey& key = at.first.first;
    text += std::string(which) + " " + key.unit.guardrail + "/" + key.unit.category + " " +
            key.model_version + " " + key.slice.value + " " +
            FormatRfc3339(PaneStart(at.first.second)) + ": scored " + std::to_string(a.scored) +
            " decided " + std::to_string(a.decided) + " flagged " + std::to_string(a.flagged) +
            " undecided " + std::to_string(a.undecided) + " with_threshold " +
            std::to_string(a.with_threshold) + " in_band " + std::to_string(a.in_band) +
            " errors " + std::to_string(a.errors) + " labeled " + std::to_string(a.labeled) +
            " positive " + std::to_string(a.positive) + " sampled " + std::to_string(a.sampled) +
            "\n";
  };
  for (const auto& each : expected) describe(each, actual, "expected");
  for (const auto& each : actual) describe(each, expected, "actual");
  return text;
}

}  // namespace guardwatch
