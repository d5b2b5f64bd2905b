// The promise of the aggregates, held against seeded random streams: however the logs are
// interleaved, batched and spread over workers, every pane and every window comes out the same, and
// the same as in the plain reading of the rules in reference.h.

#include <deque>
#include <map>

#include <gtest/gtest.h>

#include "ingest/random_stream.h"
#include "ingest/simulated_worker.h"

namespace guardwatch {
namespace {

constexpr std::uint32_t kSeeds = 100;

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
        worker.ReadSome(stream_, random_);
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
  using Worker = SimulatedWorker;
  using Reader = SimulatedWorker::Reader;

  static MonitorOptions KeepingAll() {
    MonitorOptions options;
    options.keep_all_panes = true;
    return options;
  }

  void Flush(Worker& worker) {
    worker.Flush(stream_, Chance(random_, 80) ? monitor_.Proposed(0) : published_, seen_);
  }

  const RecordedStream& stream_;
  Random random_;
  Monitor monitor_;
  std::deque<Worker> workers_;
  Watermarks published_;
  std::map<std::uint32_t, Watermarks> seen_;
};

TEST(InterleavingTest, EveryOrderOfReadingGivesTheSamePanesAndWindows) {
  const SourceOptions source = ShortLimits();
  Aggregate seen;  // Over all streams: what never happens is not tested.
  const std::uint32_t first = FirstSeed();
  const std::uint32_t seeds = Seeds(kSeeds);
  for (std::uint32_t seed = first; seed < first + seeds; ++seed) {
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
    EXPECT_GT(n, seeds >= kSeeds ? 100 : -1);
  }
}

}  // namespace
}  // namespace guardwatch
