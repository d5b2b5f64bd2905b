// What is counted at all: lateness, the future guard, excused logs, and the order of the checks.

#include <numeric>

#include <gtest/gtest.h>

#include "support/source_run.h"

namespace guardwatch {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

EventBuilder Scored(std::string request, EventTime time) {
  return EventBuilder::Scored(std::move(request), 0.5).At(time);
}

std::int64_t Late(SourceRun& run, std::size_t log) {
  const auto late = run.log_view(log).counters.late;
  return std::accumulate(late.begin(), late.end(), std::int64_t{0});
}
std::int64_t Rejected(SourceRun& run, RejectReason reason) {
  return run.log_view(0).counters.rejected[static_cast<std::size_t>(reason)];
}

TEST(LatenessTest, AnEventIsLateOnceItsPaneEndsAtItsLogsWatermark) {
  SourceRun in_time;
  in_time.Read(Scored("a", kNoon + seconds(70) - kTick));
  in_time.Read(Scored("b", kNoon + seconds(10) - kTick));
  EXPECT_EQ(in_time.Total().scored, 2);

  SourceRun late;
  late.Read(Scored("a", kNoon + seconds(70)));
  late.Read(Scored("b", kNoon + seconds(10) - kTick));
  late.Read(Scored("c", kNoon + seconds(10)));  // An edge belongs to the later pane.
  EXPECT_EQ(late.Total().scored, 2);
  EXPECT_EQ(Late(late, 0), 1);
}

TEST(LatenessTest, AnotherLogsProgressMakesNothingLate) {
  SourceRun run({}, {{"events", kEverything, 2}});
  run.Read(0, Scored("a", kNoon + hours(2)));
  run.Settle();
  run.Read(1, Scored("b", kNoon));
  EXPECT_EQ(run.Total().scored, 2);
  EXPECT_EQ(Late(run, 1), 0);
}

TEST(LatenessTest, LabelsAreHeldAgainstTheLabelLateness) {
  SourceRun run;
  run.Read(Scored("a", kNoon));
  run.Read(Scored("b", kNoon + hours(6) + seconds(10)));
  run.Read(EventBuilder::Labeled("a", true).At(kNoon + seconds(10)));  // Still in time.
  run.Read(EventBuilder::Labeled("a", false).At(kNoon + seconds(10) - kTick).Revision(1));
  EXPECT_EQ(run.Total().positive, 1);
  EXPECT_EQ(run.Labels(LabelOutcome::kLate), 1);
}

TEST(LatenessTest, LateEventsDuplicatesAndEveryKindMoveTheLogOn) {
  SourceRun run;
  run.Read(EventBuilder::Labeled("x", true).At(kNoon + minutes(2)));
  run.Read(Scored("a", kNoon));
  EXPECT_EQ(Late(run, 0), 0);
  run.Flush();
  EXPECT_EQ(Late(run, 0), 1);
  EXPECT_EQ(run.log_view(0).progress, kNoon + minutes(2));
}

TEST(LatenessTest, ARejectedRecordMovesNothing) {
  SourceRun run;
  run.ReadRejected(0, RejectReason::kScoreOutOfRange, Scored("x", kNoon + hours(1)));
  run.Read(Scored("a", kNoon));
  EXPECT_EQ(run.Total().scored, 1);
  EXPECT_EQ(run.log_view(0).progress, kNoon);
}

TEST(LatenessTest, LateEventsAreCountedByAge) {
  SourceRun run;
  run.Read(Scored("a", kNoon + hours(30)));
  const EventTime watermark = kNoon + hours(30) - seconds(60);
  for (const Duration age : {Duration(minutes(1)), minutes(1) + kTick, Duration(hours(1)),
                             hours(6) + kTick, hours(24) + kTick}) {
    run.Read(Scored("", watermark - age));
  }
  run.Flush();
  const auto late = run.log_view(0).counters.late;
  EXPECT_EQ((std::vector<std::int64_t>(late.begin(), late.end())),
            (std::vector<std::int64_t>{1, 1, 1, 0, 1, 1}));
}

TEST(ProgressTest, IsTheLesserOfEventTimeAndRecordTime) {
  SourceRun run;
  run.Read(Scored("a", kNoon).RecordedAt(kNoon - seconds(30)));
  run.Flush();
  EXPECT_EQ(run.log_view(0).progress, kNoon - seconds(30));
  run.Read(Scored("b", kNoon - seconds(20)).RecordedAt(kNoon));
  run.Flush();
  EXPECT_EQ(run.log_view(0).progress, kNoon - seconds(20));
}

TEST(FutureGuardTest, RejectsAnEventBeyondItsRecordTimeByMoreThanTheLateness) {
  SourceRun run;
  run.Read(Scored("a", kNoon + seconds(60)).RecordedAt(kNoon));
  run.Read(Scored("b", kNoon + seconds(60) + kTick).RecordedAt(kNoon));
  EXPECT_EQ(run.Total().scored, 1);
  EXPECT_EQ(Rejected(run, RejectReason::kFutureTimestamp), 1);
}

TEST(FutureGuardTest, RejectsARecordBeyondTheWallClockByMoreThanTheLateness) {
  SourceRun run;
  run.set_wall(kNoon);
  run.Read(Scored("a", kNoon).RecordedAt(kNoon + seconds(60)));
  run.Read(Scored("b", kNoon).RecordedAt(kNoon + seconds(60) + kTick));
  EXPECT_EQ(run.Total().scored, 1);
  EXPECT_EQ(Rejected(run, RejectReason::kFutureTimestamp), 1);
  EXPECT_EQ(run.log_view(0).progress, kNoon);
}

TEST(FutureGuardTest, IsOffWhereTheLogKeepsNoRecordTime) {
  SourceRun run;
  run.set_wall(kNoon - hours(10));
  run.Read(Scored("a", kNoon));
  EXPECT_EQ(run.Total().scored, 1);
}

TEST(OrderOfChecksTest, ALateCopyIsLateAndALateEventRegistersNothing) {
  SourceRun run;
  run.Read(Scored("a", kNoon));
  run.Read(Scored("b", kNoon + seconds(75)));
  run.Read(Scored("a", kNoon));                // A copy, and late: late.
  run.Read(Scored("c", kNoon));                // Late.
  run.Read(Scored("c", kNoon + seconds(20)));  // Not a duplicate of it.
  EXPECT_EQ(run.Total().scored, 3);
  EXPECT_EQ(Late(run, 0), 2);
  EXPECT_EQ(run.log_view(0).counters.duplicates, 0);
}

TEST(OrderOfChecksTest, TheFutureComesBeforeLateness) {
  SourceRun run;
  run.Read(Scored("a", kNoon + hours(1)));
  run.Read(Scored("b", kNoon).RecordedAt(kNoon - minutes(2)));
  run.Flush();
  EXPECT_EQ(Rejected(run, RejectReason::kFutureTimestamp), 1);
  EXPECT_EQ(Late(run, 0), 0);
}

TEST(InvalidScoreTest, CountsInItsUnitUnlessItIsLate) {
  SourceRun run;
  run.Read(Scored("a", kNoon + seconds(70)));
  run.ReadRejected(0, RejectReason::kScoreOutOfRange, Scored("b", kNoon + seconds(10)));
  run.ReadRejected(0, RejectReason::kScoreOutOfRange, Scored("c", kNoon + seconds(10) - kTick));
  run.ReadRejected(0, RejectReason::kBadTime, Scored("d", kNoon + seconds(10)));
  EXPECT_EQ(run.Total().invalid_scores, 1);
  EXPECT_EQ(run.Total().scored, 1);
  EXPECT_EQ(Rejected(run, RejectReason::kScoreOutOfRange), 2);
}

TEST(ExcusedLogTest, ALogWithoutAnEventHoldsTheSourceUntilItIsIdle) {
  SourceRun run({}, {{"events", kEverything, 2}});
  run.Read(0, Scored("a", kNoon + minutes(5)));
  run.Settle();
  EXPECT_EQ(run.view()->watermarks.scores, kBeginningOfTime);
  EXPECT_EQ(run.view()->held_back_by, "events/1");
  run.Pass(seconds(60) - kTick);
  run.Settle();
  EXPECT_EQ(run.log_view(1).state, LogState::kWaiting);
  run.Pass(kTick);
  run.Read(0, Scored("b", kNoon + minutes(5)));
  run.Settle();
  EXPECT_EQ(run.log_view(1).state, LogState::kIdle);
  EXPECT_EQ(run.view()->watermarks.scores, kNoon + minutes(4));
}

TEST(ExcusedLogTest, ASilentLogThatIsNeitherAtItsEndNorAdvancingIsWaitedFor) {
  SourceRun run;
  run.Read(Scored("a", kNoon));
  run.health(0).at_end = false;
  run.Flush();
  run.Pass(hours(1));
  run.Flush();
  EXPECT_EQ(run.log_view(0).state, LogState::kActive);
  run.ReadRejected(0, RejectReason::kMalformedJson, Scored("x", kNoon));  // Advancing.
  run.Flush();
  EXPECT_EQ(run.log_view(0).state, LogState::kIdle);
}

TEST(ExcusedLogTest, WhatArrivesForASealedPaneIsCountedAsSuch) {
  SourceRun run({}, {{"events", kEverything, 2}});
  run.Read(0, Scored("a", kNoon + minutes(5)));
  run.Pass(seconds(60));
  run.Read(0, Scored("b", kNoon + minutes(5)));
  run.Settle();  // Sealed through kNoon + 4 min without the idle log.
  run.Read(1, Scored("c", kNoon + minutes(4) - kTick));
  run.Read(1, Scored("d", kNoon + minutes(4)));
  EXPECT_EQ(run.Total().scored, 3);
  EXPECT_EQ(run.view()->late_for_sealed, 1);
  EXPECT_EQ(Late(run, 1), 0);
  EXPECT_EQ(run.log_view(1).state, LogState::kActive);
}

TEST(ExcusedLogTest, ALogThatCannotBeReadIsUnavailableAfterTheHoldAndComesBack) {
  SourceRun run({}, {{"events", kEverything, 2}});
  run.Read(0, Scored("a", kNoon));
  run.Read(1, Scored("b", kNoon));
  run.Flush();
  run.health(1) = {.readable = false, .at_end = false};
  run.Pass(minutes(10) - kTick);
  run.Flush();
  EXPECT_EQ(run.log_view(1).state, LogState::kActive);
  run.Pass(kTick);
  run.Flush();
  EXPECT_EQ(run.log_view(1).state, LogState::kUnavailable);
  run.health(1) = {};
  run.Read(1, Scored("c", kNoon + seconds(1)));
  run.Flush();
  EXPECT_EQ(run.log_view(1).state, LogState::kActive);
  EXPECT_EQ(run.log_view(1).progress, kNoon + seconds(1));
}

TEST(ExcusedLogTest, ALabelForAMaturedPaneChangesNothing) {
  SourceOptions limits;
  limits.label_horizon = minutes(30);
  limits.label_lateness = minutes(10);
  SourceRun run(limits, {{"labels", kOnlyLabels, 2}, {"scores", kOnlyScores, 1}});
  run.Read(2, Scored("a", kNoon));
  run.Read(0, EventBuilder::Labeled("x", true).At(kNoon + minutes(40) + seconds(20) - kTick));
  run.Pass(seconds(60));
  run.Read(2, Scored("b", kNoon + hours(2)));
  run.Read(0, EventBuilder::Labeled("y", true).At(kNoon + minutes(40)));
  run.Settle();  // One microsecond before the pane at noon is matured: labels/1 is idle.
  run.Read(1, EventBuilder::Labeled("a", false).At(kNoon + seconds(1)));
  EXPECT_EQ(run.Labels(LabelOutcome::kJoined), 1);
  run.Read(0, EventBuilder::Labeled("z", true).At(kNoon + minutes(40) + seconds(20)));
  run.Pass(seconds(60));
  run.Read(0, EventBuilder::Labeled("z", true).At(kNoon + minutes(40) + seconds(20)));
  run.Settle();
  run.Read(1, EventBuilder::Labeled("a", true).At(kNoon + seconds(2)));
  EXPECT_EQ(run.Total().positive, 0);
}

}  // namespace
}  // namespace guardwatch
