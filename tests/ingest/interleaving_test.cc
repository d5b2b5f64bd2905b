// The promise of the aggregates, held against seeded random streams: however the logs are
// interleaved, batched and spread over workers, every pane and every window comes out the same, and
// the same as in the plain reading of the rules in reference.h.

#include <deque>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "ingest/reference.h"
#include "support/source_run.h"

namespace guardwatch {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::uint32_t kFirstSeed = 20261122;
constexpr std::uint32_t kSeeds = 100;
constexpr int kEventsPerStream = 400;

using Random = std::mt19937;

int Below(Random& random, int n) {
  return static_cast<int>(random() % static_cast<std::uint32_t>(n));
}
bool Chance(Random& random, int percent) { return Below(random, 100) < percent; }
template <class T>
const T& OneOf(Random& random, const std::vector<T>& all) {
  return all[static_cast<std::size_t>(Below(random, static_cast<int>(all.size())))];
}

// Limits short enough for a stream of a few hours to cross each of them.
SourceOptions ShortLimits() {
  SourceOptions source;
  source.name = "gateway";
  source.allowed_lateness = seconds(60);
  source.label_lateness = seconds(90);
  source.duplicate_window = minutes(5);
  source.label_early = minutes(2);
  source.label_horizon = minutes(10);
  source.idle_timeout = source.hold_timeout = hours(1000);
  source.cohorts = {"lang"};
  GuardrailOptions waits = OptionsOf("router");
  waits.decided_by_decision_events = true;
  waits.label_horizon = minutes(4);
  GuardrailOptions verdicts = OptionsOf("rules");
  verdicts.score_kind = ScoreKind::kDecisionsOnly;
  GuardrailOptions threshold = OptionsOf("toxicity", "hate");
  threshold.threshold = 0.5;
  source.guardrails = {waits, verdicts, threshold};
  return source;
}

std::vector<TestTopic> SomeTopics(Random& random) {
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
    if (kind < 45 || used_.empty()) return reached + Below(random_, 60) * seconds(1) + nudge;
    if (kind < 55) return AlignDown(reached - source_.allowed_lateness, kPaneWidth) + nudge;
    if (kind < 60) return AlignDown(reached - source_.label_lateness, kPaneWidth) + nudge;
    const Duration apart = OneOf(
        random_, std::vector<Duration>{source_.duplicate_window, -source_.duplicate_window,
                                       source_.label_horizon, minutes(4), -source_.label_early,
                                       source_.label_early, Duration{}});
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

// Some workers reading one stream at their own pace, and the monitor behind queues.
class Interleaving {
 public:
  Interleaving(const SourceOptions& source, const RecordedStream& stream, std::uint32_t workers,
               std::uint32_t seed)
      : stream_(stream), random_(seed), monitor_(MonitorOf(source, KeepingAll())) {
    for (std::uint32_t id = 0; id < std::min(workers, ShardCount(stream.topics)); ++id) {
      Worker worker;
      for (std::uint32_t s = id; s < ShardCount(stream.topics); s += workers) {
        worker.shards.emplace(s,
                              std::make_unique<Shard>(source, 0, s, CarriedTogether(stream.topics),
                                                      HashSeed{seed, id}));
        monitor_.ExpectShard(0, s);
      }
      for (std::size_t log = 0; log < stream.logs.size(); ++log) {
        Reader reader{log, 0, {}};
        for (const std::uint32_t s : stream.logs[log].shards) {
          const auto own = worker.shards.find(s);
          if (own == worker.shards.end()) continue;
          const LogSpec spec = SpecOf(stream.logs[log], s);
          reader.routes.push_back({own->second.get(), own->second->AddLog(spec, {})});
        }
        if (!reader.routes.empty()) worker.readers.push_back(std::move(reader));
      }
      workers_.push_back(std::move(worker));
    }
  }

  Monitor& Run() {
    while (!monitor_.Finished()) {
      Worker& worker =
          workers_[static_cast<std::size_t>(Below(random_, static_cast<int>(workers_.size())))];
      const int step = Below(random_, 10);
      if (step < 6) {
        ReadSome(worker);
      } else if (step < 8) {
        Flush(worker);
      } else if (!worker.queue.empty()) {
        EXPECT_TRUE(monitor_.Take(worker.queue.front(), {}));
        worker.queue.pop_front();
        if (Chance(random_, 70)) published_ = monitor_.Proposed(0);
      }
    }
    return monitor_;
  }

 private:
  struct Route {
    Shard* shard = nullptr;
    LogIndex log = 0;
  };
  struct Reader {
    std::size_t log = 0;
    std::size_t next = 0;
    std::vector<Route> routes;
  };
  struct Worker {
    std::map<std::uint32_t, std::unique_ptr<Shard>> shards;
    std::vector<Reader> readers;
    std::deque<ShardBatch> queue;  // On its way to the monitor.
  };

  static MonitorOptions KeepingAll() {
    MonitorOptions options;
    options.keep_all_panes = true;
    return options;
  }

  void ReadSome(Worker& worker) {
    if (worker.readers.empty()) return;
    Reader& reader = worker.readers[static_cast<std::size_t>(
        Below(random_, static_cast<int>(worker.readers.size())))];
    const auto& records = stream_.records[reader.log];
    for (int n = Below(random_, 12); n > 0 && reader.next < records.size(); --n, ++reader.next) {
      for (const Route& route : reader.routes) {
        const RecordPlace place{route.log, static_cast<std::int64_t>(reader.next), {}, 1};
        route.shard->Take(place, records[reader.next].Build(), {});
      }
    }
  }

  void Flush(Worker& worker) {
    for (const Reader& reader : worker.readers) {
      const bool finished = reader.next == stream_.records[reader.log].size();
      for (const Route& route : reader.routes) {
        route.shard->Observe(route.log, {true, finished, finished},
                             static_cast<std::int64_t>(reader.next), {});
      }
    }
    const Watermarks watermarks = Chance(random_, 80) ? monitor_.Proposed(0) : published_;
    for (auto& [id, shard] : worker.shards) {
      shard->Honour(Latest(*shard, watermarks));
      worker.queue.push_back(shard->Flush());
    }
  }

  // What a worker reads never goes back, however stale it is.
  Watermarks Latest(const Shard& shard, const Watermarks& read) {
    Watermarks& seen = seen_[shard.shard_index()];
    seen = {std::max(seen.scores, read.scores), std::max(seen.labels, read.labels)};
    return seen;
  }

  const RecordedStream& stream_;
  Random random_;
  Monitor monitor_;
  std::deque<Worker> workers_;
  Watermarks published_;
  std::map<std::uint32_t, Watermarks> seen_;
};

Panes PanesOf(const Monitor& monitor) {
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
Windows ByName(const std::vector<SeriesWindow>& answer) {
  Windows windows;
  for (const SeriesWindow& each : answer) {
    windows[{each.key, each.window.window, each.window.view, each.window.end}] = each.window.total;
  }
  return windows;
}

std::string Differences(const Panes& expected, const Panes& actual) {
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

TEST(InterleavingTest, EveryOrderOfReadingGivesTheSamePanesAndWindows) {
  const SourceOptions source = ShortLimits();
  Aggregate seen;  // Over all streams: what never happens is not tested.
  for (std::uint32_t seed = kFirstSeed; seed < kFirstSeed + kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const RecordedStream stream = StreamWriter(source, seed).Write();
    const Panes expected = ReferencePanes(source, stream);
    std::optional<Windows> windows;
    for (const std::uint32_t workers : {1u, 1u, 2u, 4u}) {
      SCOPED_TRACE(std::to_string(workers) + " workers");
      Interleaving interleaving(source, stream, workers, seed * 7 + workers);
      Monitor& monitor = interleaving.Run();
      ASSERT_EQ(Differences(expected, PanesOf(monitor)), "");
      const Windows final = ByName(monitor.FinalWindows());
      if (!windows) windows = final;
      ASSERT_EQ(*windows == final, true);
    }
    for (const auto& [key, aggregate] : expected) seen += aggregate;
  }
  for (const std::int64_t n :
       {seen.scored, seen.flagged, seen.in_band, seen.errors, seen.undecided, seen.labeled,
        seen.positive, seen.true_positive, seen.false_negative, seen.unlabeled()}) {
    EXPECT_GT(n, 100);
  }
}

}  // namespace
}  // namespace guardwatch
