// When a fine pane becomes part of its coarse one, and that nothing can tell.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/source_run.h"
#include "support/state_map.h"
#include "window/aggregate_record.h"

namespace guardwatch {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

EventBuilder Scored(EventTime time) { return EventBuilder::Scored("", 0.5).At(time); }

MonitorOptions Durable() {
  MonitorOptions options = SourceRun::TwoDays();
  options.durable = true;
  return options;
}

class CoarsePanesTest : public testing::Test {
 protected:
  // How many scores the coarse pane of noon has; nullopt: there is none.
  static std::optional<std::int64_t> InCoarse(const SourceMonitor& source, PaneIndex pane) {
    const auto series = source.WithCoarsePane(pane, true);
    if (series.empty()) return std::nullopt;
    Aggregate room;
    return series[0]->coarse().Find(pane, room)->scored;
  }
  // In all windows up to the pane's end, be it sealed or not.
  static std::vector<std::int64_t> UpTo(const SourceMonitor& source, EventTime end) {
    std::vector<std::int64_t> scored;
    for (const SeriesWindow& each : source.WindowsUpTo(end)) {
      scored.push_back(each.window.total->scored);
    }
    return scored;
  }

  const SourceMonitor& source() { return *run_.monitor().sources()[0]; }
  StateMap Kept() {
    kept_.Commit(run_.monitor().TakeChanges());
    return kept_;
  }

  SourceRun run_{{}, {{"events", kEverything, 1}}, Durable()};
  const PaneIndex pane_ = PaneOf(kNoon, run_.monitor().sources()[0]->grid().coarse);
  StateMap kept_;
};

TEST_F(CoarsePanesTest, HaveAFinePaneOnceItIsSealed) {
  run_.Read(Scored(kNoon));
  run_.Read(Scored(kNoon + seconds(15)));
  run_.Settle();
  EXPECT_EQ(InCoarse(source(), pane_), 0);
  for (const std::int64_t scored : UpTo(source(), kNoon + seconds(20))) EXPECT_EQ(scored, 2);
  run_.Read(Scored(kNoon + minutes(9)));
  run_.Settle();
  EXPECT_EQ(InCoarse(source(), pane_), 2);
  for (const std::int64_t scored : UpTo(source(), kNoon + minutes(10))) {
    EXPECT_TRUE(scored == 3 || scored == 1) << scored;  // In five minutes there is one.
  }
}

TEST_F(CoarsePanesTest, TakeWhatComesForAFinePaneThatIsSealed) {
  run_.Read(EventBuilder::Scored("a", 0.5).At(kNoon));
  run_.Read(Scored(kNoon + minutes(5)));
  run_.Settle();
  run_.Read(EventBuilder::Labeled("a", true).At(kNoon + minutes(4)));
  run_.Settle();
  Aggregate room;
  EXPECT_EQ(source().WithCoarsePane(pane_, true)[0]->coarse().Find(pane_, room)->labeled, 1);
}

// Reads on from a state in which one pane is sealed and one is open, beside the run that wrote it.
class CoarsePanesRestartTest : public CoarsePanesTest {
 protected:
  void ReadBothPanes() {
    run_.Read(Scored(kNoon));
    run_.Read(Scored(kNoon + seconds(75)));
    first_ = run_.Batch(run_.shard(0));
    ASSERT_TRUE(run_.monitor().Take(first_, run_.tick()));
    Kept();  // Nothing is sealed yet: what sealing changes must be written on its own.
    run_.Settle();
    ASSERT_EQ(source().sealed_through(), kNoon + seconds(10));
    ASSERT_EQ(InCoarse(source(), pane_), 1);
  }

  void ExpectTheSameFrom(const StateMap& kept) {
    Monitor restored(MonitorOf(source_, Durable()));
    for (const StateRecord& record : kept.Under()) ASSERT_TRUE(restored.Load(record));
    restored.Restored({});
    const SourceMonitor& other = *restored.sources()[0];
    const EventTime end = kNoon + hours(1);
    EXPECT_EQ(UpTo(other, end), UpTo(source(), end));
    for (const auto after : {seconds(75), seconds(200), seconds(3600)}) {
      run_.Read(Scored(kNoon + after));
      for (int flush = 0; flush < 2; ++flush) {
        ShardBatch batch = run_.Batch(run_.shard(0));
        ASSERT_TRUE(run_.monitor().Take(batch, run_.tick()));
        // A shard that starts anew tells again what it has defined.
        batch.new_series = first_.new_series;
        batch.new_logs = first_.new_logs;
        ASSERT_TRUE(restored.Take(batch, run_.tick()));
      }
      EXPECT_EQ(other.sealed_through(), source().sealed_through());
      EXPECT_EQ(UpTo(other, end), UpTo(source(), end)) << after.count();
    }
    EXPECT_EQ(InCoarse(source(), pane_), 4);
    EXPECT_EQ(InCoarse(other, pane_), 4);
  }

  ShardBatch first_;
  SourceOptions source_ = [] {
    SourceOptions options;
    options.name = "gateway";
    return options;
  }();
};

TEST_F(CoarsePanesRestartTest, OpenPanesComeIntoTheirsAfterARestart) {
  ReadBothPanes();
  ExpectTheSameFrom(Kept());
}

// The head of the source's records ends with how far coarse panes go; older versions ended before,
// and their coarse panes had everything.
TEST_F(CoarsePanesRestartTest, StateOfAnOlderVersionIsNotCountedTwice) {
  ReadBothPanes();
  const std::string prefix = KeyWriter("s").Name(source_.name).Take();
  StateMap kept = Kept();
  StateChanges older;
  ByteWriter through;
  through.Time(source().sealed_through());
  const std::string& head = kept.records().at(prefix + "a");
  ASSERT_TRUE(head.ends_with(through.bytes()));
  older.Put(prefix + "a", head.substr(0, head.size() - through.bytes().size()));
  Aggregate both;
  const Series& series = *source().WithFinePane(PaneOf(kNoon), true)[0];
  series.fine().ForEach(PaneOf(kNoon), PaneOf(kNoon + minutes(2)),
                        [&](PaneIndex, const Aggregate& pane) { both += pane; });
  ASSERT_EQ(both.scored, 2);
  ByteWriter record;
  WriteAggregate(record, both);
  older.Put(prefix + KeyWriter("c").Number(pane_).Number(series.number()).Take(), record.Take());
  kept.Commit(older);
  ExpectTheSameFrom(kept);
}

}  // namespace
}  // namespace guardwatch
