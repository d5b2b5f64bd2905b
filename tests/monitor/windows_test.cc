// Sealed and matured windows as running totals, held against direct sums over panes.

#include <random>

#include <gtest/gtest.h>

#include "support/source_run.h"

namespace guardwatch {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

EventBuilder Scored(EventTime time) { return EventBuilder::Scored("", 0.5).At(time); }

// The window's total, or nullopt while nothing is sealed or matured.
std::optional<WindowView> Window(SourceRun& run, Duration window, WindowViewKind view,
                                 std::optional<EventTime> at = std::nullopt) {
  WindowQuery query{SourceRun::Whole(), window, view, at};
  const auto answer = run.monitor().Windows(query);
  return answer.empty() ? std::nullopt : std::optional(answer[0].window);
}

TEST(SealingTest, APaneIsSealedOnceTheWatermarkReachesItsEnd) {
  SourceRun run;
  run.Read(Scored(kNoon));
  run.Read(Scored(kNoon + seconds(70) - kTick));
  run.Settle();
  EXPECT_EQ(run.view()->sealed_through, kBeginningOfTime);
  run.Read(Scored(kNoon + seconds(70)));
  run.Settle();
  EXPECT_EQ(run.view()->sealed_through, kNoon + seconds(10));
  EXPECT_EQ(Window(run, minutes(5), WindowViewKind::kCurrent)->total->scored, 1);
}

TEST(SealingTest, ADistantWatermarkIsReachedInOneStep) {
  SourceRun run;
  run.Read(Scored(kNoon));
  const EventTime far = kNoon + hours(24 * 365 * 3000);
  run.Read(EventBuilder::Labeled("x", true).At(far));
  run.Settle();
  EXPECT_EQ(run.view()->sealed_through, far - seconds(60));
  EXPECT_EQ(Window(run, hours(24), WindowViewKind::kCurrent)->total->scored, 0);
  run.Read(Scored(far));
  run.Read(Scored(far + minutes(2)));
  run.Settle();
  EXPECT_EQ(Window(run, minutes(5), WindowViewKind::kCurrent)->total->scored, 1);
}

TEST(MaturingTest, WaitsForBothWatermarks) {
  SourceRun run({}, {{"labels", kOnlyLabels, 1}, {"scores", kOnlyScores, 1}});
  run.Read(1, Scored(kNoon));
  const EventTime end = kNoon + minutes(10);  // Of the coarse pane.
  run.Read(0, EventBuilder::Labeled("x", true).At(end + hours(30) + seconds(10)));
  run.Read(1, Scored(end + hours(30) + seconds(60) - kTick));
  run.Settle();
  EXPECT_FALSE(Window(run, hours(1), WindowViewKind::kMatured));
  run.Read(1, Scored(end + hours(30) + seconds(60)));
  run.Settle();
  EXPECT_EQ(run.view()->matured_through, end);
  EXPECT_EQ(Window(run, hours(1), WindowViewKind::kMatured)->total->scored, 1);
}

TEST(MaturingTest, AMaturedViewThatStoodStillForDaysEndsUpEmpty) {
  SourceOptions source;
  SourceRun run(source, {{"labels", kOnlyLabels, 1}, {"scores", kOnlyScores, 1}}, {});
  run.Read(1, Scored(kNoon));
  run.Read(0, EventBuilder::Labeled("x", true).At(kNoon + hours(31)));
  for (int day = 1; day < 12; ++day) {
    run.Read(1, Scored(kNoon + day * kDay));
    run.Settle();
  }
  run.Read(0, EventBuilder::Labeled("y", true).At(kNoon + 20 * kDay));
  run.Read(1, Scored(kNoon + 20 * kDay));
  run.Settle();
  EXPECT_EQ(Window(run, hours(24), WindowViewKind::kMatured)->total->scored, 0);
}

TEST(WindowTest, RunningTotalsEqualDirectSumsOverPanes) {
  for (const std::uint32_t seed : {11u, 12u, 13u, 14u}) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    SourceRun run;
    EventTime now = kNoon;
    for (int i = 0; i < 1500; ++i) {
      now += random() % 100 == 0 ? Duration(hours(3)) : Duration(seconds(random() % 200));
      const std::string request = "r" + std::to_string(i);
      run.Read(EventBuilder::Scored(request, static_cast<double>(random() % 100) / 100)
                   .At(now)
                   .Threshold(0.5));
      run.Read(EventBuilder::Labeled("r" + std::to_string(random() % (i + 1u)), i % 2 == 0)
                   .At(now)
                   .Revision(i));
      if (random() % 20 == 0) run.Settle();
    }
    run.Settle();
    const auto& monitor = *run.monitor().sources()[0];
    int compared = 0;
    for (const SeriesWindow& each : monitor.Windows({})) {
      const WindowView& window = each.window;
      Aggregate direct;
      for (const SeriesHistory& history :
           monitor.History({{}, window.end - window.window, window.end, kPaneWidth})) {
        if (history.key != each.key) continue;
        for (const HistoryPoint& point : history.points) direct += point.total;
      }
      EXPECT_TRUE(window.total == direct)
          << ToString(window.view) << " " << window.window.count() << " scored "
          << window.total->scored << " directly " << direct.scored;
      ++compared;
      const EventTime earlier = window.end - minutes(30);
      const auto past = Window(run, window.window, window.view, earlier);
      ASSERT_TRUE(past);
      EXPECT_LE(past->end, earlier);
    }
    EXPECT_EQ(compared, 7);  // 5m has no matured view.
  }
}

TEST(WindowTest, ARecordingEndsWithItsLastScoredPaneRoundedUpToTheGrid) {
  SourceRun run;
  run.Read(Scored(kNoon));
  run.Read(Scored(kNoon + minutes(7)));
  run.Read(EventBuilder::Labeled("x", true).At(kNoon + hours(2)));
  run.Finish();
  EXPECT_TRUE(run.monitor().Finished());
  for (const SeriesWindow& each : run.monitor().FinalWindows()) {
    const bool coarse =
        each.window.window > hours(1) || each.window.view == WindowViewKind::kMatured;
    EXPECT_EQ(each.window.end, kNoon + (coarse ? Duration(minutes(10)) : Duration(seconds(430))));
    EXPECT_EQ(each.window.total->scored, each.window.window == minutes(5) ? 1 : 2);
  }
}

TEST(HistoryTest, PointsFollowTheStepAndLeaveOutWhatIsNotSealed) {
  SourceRun run;
  for (const int second : {0, 5, 10, 65, 200}) run.Read(Scored(kNoon + seconds(second)));
  run.Settle();  // Sealed through kNoon + 140 s.
  const auto history =
      run.monitor().History({SourceRun::Whole(), kNoon, kNoon + hours(1), minutes(1)});
  ASSERT_EQ(history.size(), 1u);
  ASSERT_EQ(history[0].points.size(), 2u);
  EXPECT_EQ(history[0].points[0].total.scored, 3);
  EXPECT_EQ(history[0].points[1].start, kNoon + minutes(1));
  EXPECT_EQ(history[0].points[1].total.scored, 1);
}

TEST(RedeliveryTest, TheSameBatchTwiceIsRefusedAndChangesNothing) {
  SourceRun run;
  run.Read(Scored(kNoon));
  const ShardBatch batch = run.Batch(run.shard(0));
  EXPECT_TRUE(run.monitor().Take(batch, run.tick()));
  EXPECT_FALSE(run.monitor().Take(batch, run.tick()));
  ShardBatch gap = run.Batch(run.shard(0));
  gap.logs[0].from += 1;
  EXPECT_FALSE(run.monitor().Take(gap, run.tick()));
  EXPECT_EQ(run.log_view(0).next_offset, 1);
  EXPECT_EQ(run.monitor().sources()[0]->WindowsUpTo(kNoon + minutes(1))[0].window.total->scored, 1);
}

TEST(EpochTest, ANewValueAndANewMajorityAreEventsOfTheirOwn) {
  SourceRun run;
  const auto read = [&](int pane, int v1, int v2) {
    const auto time = kNoon + pane * kPaneWidth;
    for (int i = 0; i < v1; ++i) run.Read(Scored(time).Model("v1").Policy("p1"));
    for (int i = 0; i < v2; ++i) run.Read(Scored(time).Model("v2").Policy("p1"));
  };
  read(0, 3, 0);
  read(1, 3, 1);  // v2 is seen for the first time,
  read(2, 1, 3);  // and leads.
  run.Finish();
  const auto epochs = run.TakeSnapshot()->epochs;
  ASSERT_EQ(epochs.size(), 2u);
  EXPECT_TRUE(epochs[0].first_seen);
  EXPECT_EQ(epochs[0].to, "v2");
  EXPECT_EQ(epochs[0].at, kNoon + seconds(10));
  EXPECT_FALSE(epochs[1].first_seen);
  EXPECT_EQ(epochs[1].at, kNoon + seconds(20));
}

}  // namespace
}  // namespace guardwatch
