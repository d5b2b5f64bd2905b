// What durable state promises, held against seeded random streams: wherever the process ends, and
// whatever comes again afterwards, with any number of workers, everything is counted once.

#include <deque>
#include <map>

#include <gtest/gtest.h>

#include "ingest/random_stream.h"
#include "ingest/simulated_worker.h"
#include "support/state_map.h"

namespace guardwatch {
namespace {

constexpr std::uint32_t kSeeds = 500;

// A process that reads one stream, writes checkpoints to a map, and ends without warning. Drives
// the stages as the daemon does (lib/app: source_runner.cc, ingest_worker.cc, monitor_thread.cc).
class Restarting {
 public:
  struct Habits {
    int crashes_per_mille = 0;  // Chance of a crash per step.
    MonitorOptions monitor;
  };

  Restarting(const SourceOptions& source, const RecordedStream& stream, Habits habits,
             std::uint32_t seed)
      : source_(source), stream_(stream), habits_(std::move(habits)), random_(seed) {
    source_.durable = habits_.monitor.durable = true;
    Start();
  }

  // `look` sees the monitor before some of the crashes.
  template <class Look>
  Monitor& Run(Look&& look) {
    while (!monitor_->Finished() && !testing::Test::HasFatalFailure()) {
      Step();
      if (Below(random_, 1000) >= habits_.crashes_per_mille) continue;
      if (Chance(random_, 25)) look(*monitor_);
      ++crashes_;
      Start();
    }
    return *monitor_;
  }
  int crashes() const { return crashes_; }
  int checkpoints() const { return checkpoints_; }

 private:
  using Worker = SimulatedWorker;
  using Reader = SimulatedWorker::Reader;

  static std::string ShardPrefix(std::uint32_t shard) {
    return KeyWriter("i").Number(shard).Take();
  }

  // A new process, from the last checkpoint. What the one before had not written is gone.
  void Start() {
    workers_.clear();
    changes_ = {};
    published_ = {};
    seen_.clear();
    monitor_ = std::make_unique<Monitor>(MonitorOf(source_, habits_.monitor));
    for (const StateRecord& record : store_.Under("m")) {
      const auto loaded = monitor_->Load(record);
      ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
    }
    monitor_->Restored({});
    goes_on_ = !store_.records().empty();
    const std::uint32_t shards = ShardCount(stream_.topics);
    const auto workers = 1 + static_cast<std::uint32_t>(Below(random_, 4));
    for (std::uint32_t id = 0; id < std::min(workers, shards); ++id) {
      Worker worker;
      for (std::uint32_t s = id; s < shards; s += workers) worker.shards[s] = StartShard(s);
      for (std::size_t log = 0; log < stream_.logs.size(); ++log) StartReader(worker, log);
      workers_.push_back(std::move(worker));
    }
    for (std::uint32_t s = 0; s < shards; ++s) monitor_->ExpectShard(0, s);
  }

  std::unique_ptr<Shard> StartShard(std::uint32_t number) {
    auto shard = std::make_unique<Shard>(source_, 0, number, CarriedTogether(stream_.topics),
                                         HashSeed{7, 11});
    const auto records = store_.Under(ShardPrefix(number));
    for (const StateRecord& record : records) EXPECT_TRUE(shard->Load(record));
    if (!records.empty()) shard->Loaded();
    return shard;
  }

  void StartReader(Worker& worker, std::size_t log) {
    const TestLog& about = stream_.logs[log];
    std::optional<std::int64_t> least;
    Reader reader{log, 0, {}};
    for (const std::uint32_t s : about.shards) {
      const auto own = worker.shards.find(s);
      if (own == worker.shards.end()) continue;
      const std::int64_t next = own->second->PositionOf(about.topic, about.partition)
                                    .value_or(ReadPosition{})
                                    .next_offset;
      least = least ? std::min(*least, next) : next;
      LogSpec spec = SpecOf(about, s);
      spec.starts_idle = goes_on_;
      reader.routes.push_back({own->second.get(), own->second->AddLog(spec, {})});
    }
    if (reader.routes.empty()) return;
    reader.next = static_cast<std::size_t>(*least);
    // What was read before may come again.
    if (Chance(random_, 20)) reader.next -= std::min<std::size_t>(reader.next, 7);
    worker.readers.push_back(std::move(reader));
  }

  void Step() {
    Worker& worker =
        workers_[static_cast<std::size_t>(Below(random_, static_cast<int>(workers_.size())))];
    const int step = Below(random_, 20);
    if (step < 12) {
      worker.ReadSome(stream_, random_);
    } else if (step < 16) {
      Flush(worker);
    } else if (step < 19) {
      TakeBatch(worker);
    } else {
      WriteCheckpoint();
    }
  }

  void Flush(Worker& worker) {
    worker.Flush(stream_, Chance(random_, 80) ? monitor_->Proposed(0) : published_, seen_);
  }

  void TakeBatch(Worker& worker) {
    if (worker.queue.empty()) return;
    ShardBatch batch = std::move(worker.queue.front());
    worker.queue.pop_front();
    StateChanges state = std::exchange(batch.state, {});
    ASSERT_TRUE(monitor_->Take(batch, {}));
    ASSERT_FALSE(Chance(random_, 10) && monitor_->Take(batch, {})) << "taken twice";
    changes_.Append(std::move(state), ShardPrefix(batch.shard));
    if (Chance(random_, 70)) published_ = monitor_->Proposed(0);
  }

  void WriteCheckpoint() {
    if (!monitor_->sources()[0]->logs().Complete()) return;
    StateChanges cut = std::exchange(changes_, {});
    cut.Append(monitor_->TakeChanges(), "m");
    store_.Commit(cut);
    ++checkpoints_;
  }

  SourceOptions source_;
  const RecordedStream& stream_;
  Habits habits_;
  Random random_;
  StateMap store_;
  bool goes_on_ = false;
  std::unique_ptr<Monitor> monitor_;
  StateChanges changes_;  // Of shards, since the last checkpoint.
  std::deque<Worker> workers_;
  Watermarks published_;
  std::map<std::uint32_t, Watermarks> seen_;
  int crashes_ = 0;
  int checkpoints_ = 0;
};

MonitorOptions KeepingAll() {
  MonitorOptions options;
  options.keep_all_panes = true;
  return options;
}

// Windows that a stream of a few hours outlasts many times, so that panes are forgotten.
MonitorOptions ShortWindows() {
  MonitorOptions options;
  options.windows = {std::chrono::minutes(1), std::chrono::minutes(10)};
  return options;
}

// A window that needs coarse panes of a minute, beside one whose fine panes are soon forgotten.
MonitorOptions TwoWidthsOfPanes() {
  MonitorOptions options;
  options.windows = {std::chrono::minutes(1), std::chrono::hours(3)};
  return options;
}

// What must stand already: panes that have matured, and of those that are sealed the part without
// labels.
Panes Settled(const Panes& panes, const SourceMonitor& source) {
  const std::shared_ptr<const SourceView> view = source.View(false);
  Panes settled;
  for (const auto& [key, total] : panes) {
    const EventTime end = PaneEnd(key.second);
    if (end > view->sealed_through) continue;
    Aggregate& part = settled[key];
    if (end <= view->matured_through) {
      part = total;
      continue;
    }
    part.scored = total.scored;
    part.decided = total.decided;
    part.flagged = total.flagged;
    part.errors = total.errors;
    part.undecided = total.undecided;
    part.with_threshold = total.with_threshold;
    part.in_band = total.in_band;
    part.score_q = total.score_q;
  }
  return settled;
}

TEST(RestartTest, WhereverTheProcessEndsEverythingIsCountedOnce) {
  const SourceOptions source = ShortLimits();
  int crashes = 0;
  const std::uint32_t first = FirstSeed();
  for (std::uint32_t seed = first; seed < first + Seeds(kSeeds); ++seed) {
    SCOPED_TRACE("GUARDWATCH_SEED=" + std::to_string(seed) + " GUARDWATCH_SEEDS=1");
    const RecordedStream stream = StreamWriter(source, seed).Write();
    const Panes expected = ReferencePanes(source, stream);
    Restarting restarting(source, stream, {.crashes_per_mille = 15, .monitor = KeepingAll()}, seed);
    const Monitor& monitor = restarting.Run([&](const Monitor& now) {
      const SourceMonitor& part = *now.sources()[0];
      ASSERT_EQ(Differences(Settled(expected, part), Settled(PanesOf(now), part)), "");
    });
    ASSERT_FALSE(HasFatalFailure());
    ASSERT_EQ(Differences(expected, PanesOf(monitor)), "");
    crashes += restarting.crashes();
  }
  EXPECT_GT(crashes, static_cast<int>(Seeds(kSeeds)));
}

TEST(RestartTest, WindowsThatForgetPanesEndWithTheSameTotals) {
  const SourceOptions source = ShortLimits();
  const std::uint32_t first = FirstSeed();
  for (std::uint32_t seed = first; seed < first + Seeds(kSeeds / 10); ++seed) {
    SCOPED_TRACE("GUARDWATCH_SEED=" + std::to_string(seed) + " GUARDWATCH_SEEDS=1");
    const RecordedStream stream = StreamWriter(source, seed).Write();
    const auto nothing = [](const Monitor&) {};
    for (const MonitorOptions& windows : {ShortWindows(), TwoWidthsOfPanes()}) {
      Restarting calm(source, stream, {.crashes_per_mille = 0, .monitor = windows}, seed);
      Restarting crashing(source, stream, {.crashes_per_mille = 30, .monitor = windows}, seed + 1);
      const Monitor& monitor = calm.Run(nothing);
      const bool two_widths = windows.windows == TwoWidthsOfPanes().windows;
      ASSERT_EQ(monitor.sources()[0]->grid().one_width(), !two_widths);
      const Windows expected = ByName(monitor.FinalWindows());
      ASSERT_FALSE(expected.empty());
      ASSERT_EQ(ByName(crashing.Run(nothing).FinalWindows()) == expected, true) << two_widths;
    }
  }
}

}  // namespace
}  // namespace guardwatch
