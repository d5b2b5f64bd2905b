#include "kafka/log_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace guardwatch {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

KafkaStatistics Statistics(std::string broker_state, std::int32_t broker, std::string fetch_state) {
  KafkaStatistics statistics;
  statistics.brokers[1].state = std::move(broker_state);
  statistics.partitions[{"events", 0}] = {broker, false, std::move(fetch_state)};
  return statistics;
}

class LogTableTest : public testing::Test {
 protected:
  const LogStatus& status() const { return table_.statuses()[log_]; }

  LogTable table_;
  const std::uint32_t log_ = table_.Add({"events", 0}, 100);
};

TEST_F(LogTableTest, ALogIsReadableOnceItAnswers) {
  EXPECT_FALSE(status().readable);
  EXPECT_FALSE(status().error.empty());

  EXPECT_TRUE(table_.TakeRecord(log_, 100));

  EXPECT_TRUE(status().readable);
  EXPECT_EQ(status().next_offset, 101);
  EXPECT_THAT(status().error, IsEmpty());
}

TEST_F(LogTableTest, ARecordThatWasReadBeforeIsPassedOver) {
  EXPECT_TRUE(table_.TakeRecord(log_, 100));
  EXPECT_FALSE(table_.TakeRecord(log_, 100));
  EXPECT_FALSE(table_.TakeRecord(log_, 50));
  EXPECT_TRUE(table_.TakeRecord(log_, 105)) << "compacted logs have holes";
  EXPECT_EQ(status().next_offset, 106);
}

TEST_F(LogTableTest, TheEndIsNeverBehindThePosition) {
  table_.TakeRecord(log_, 120);
  table_.TakeBounds(log_, 0, 110);
  EXPECT_EQ(status().end_offset, 121);
  table_.TakeBounds(log_, 0, 150);
  EXPECT_EQ(status().end_offset, 150);
  table_.TakeBounds(log_, 0, -1001);
  EXPECT_EQ(status().end_offset, 150) << "unknown";
  table_.TakeEnd(log_, 151);
  EXPECT_EQ(status().next_offset, 151);
  EXPECT_EQ(status().end_offset, 151);
}

TEST_F(LogTableTest, StatisticsTellABrokerThatIsGoneAndBack) {
  table_.TakeRecord(log_, 100);
  table_.TakeStatistics(Statistics("DOWN", 1, "active"), {});
  EXPECT_FALSE(status().readable);
  EXPECT_THAT(status().error, HasSubstr("broker 1"));

  table_.TakeStatistics(Statistics("UP", 1, "active"), {});
  EXPECT_TRUE(status().readable);

  table_.TakeStatistics(Statistics("UP", -1, "active"), {});
  EXPECT_FALSE(status().readable);
  EXPECT_THAT(status().error, HasSubstr("no leader"));
}

TEST_F(LogTableTest, StatisticsTellABrokerThatDoesNotAnswerWhatItWasAsked) {
  table_.TakeRecord(log_, 100);
  KafkaStatistics statistics = Statistics("UP", 1, "active");
  const auto readable_when = [&](bool waiting, std::chrono::seconds silent_for) {
    statistics.brokers[1].waiting = waiting;
    statistics.brokers[1].silent_for = silent_for;
    table_.TakeStatistics(statistics, {});
    return status().readable;
  };
  EXPECT_TRUE(readable_when(true, std::chrono::seconds(19)));
  EXPECT_FALSE(readable_when(true, std::chrono::seconds(20)));
  EXPECT_THAT(status().error, HasSubstr("does not answer"));
  EXPECT_TRUE(readable_when(false, std::chrono::seconds(60)))
      << "nobody asks while the queue is full";
}

TEST_F(LogTableTest, StatisticsTellAPartitionThatIsGone) {
  table_.TakeRecord(log_, 100);
  KafkaStatistics statistics = Statistics("UP", -1, "active");
  statistics.partitions[{"events", 0}].unknown = true;

  table_.TakeStatistics(statistics, {});

  EXPECT_FALSE(status().readable);
  EXPECT_THAT(status().error, HasSubstr("does not have this topic or partition"));
}

TEST_F(LogTableTest, StatisticsDoNotMakeALogReadableThatIsNotBeingFetched) {
  table_.TakeBrokersDown("1/1 brokers are down");
  table_.TakeStatistics(Statistics("UP", 1, "offset-query"), {});
  EXPECT_FALSE(status().readable);
  EXPECT_EQ(status().error, "1/1 brokers are down");
}

TEST_F(LogTableTest, AnErrorOfTheLogItselfOnlyEndsWithItsAnswer) {
  table_.TakeRecord(log_, 100);
  table_.TakeError(log_, "Topic authorization failed");
  table_.TakeStatistics(Statistics("UP", 1, "active"), {});
  EXPECT_FALSE(status().readable);
  EXPECT_EQ(status().error, "Topic authorization failed");

  table_.TakeEnd(log_, 101);
  EXPECT_TRUE(status().readable);
  EXPECT_THAT(status().error, IsEmpty());
}

TEST_F(LogTableTest, AGapIsNamedForGoodAfterItWasPassed) {
  table_.TakeOffsetOutOfRange(log_);
  EXPECT_EQ(status().next_offset, -1);
  table_.TakeError(log_, "the look-up failed as well");
  EXPECT_TRUE(table_.TakeRecord(log_, 180));

  const std::string gap = "offsets 100 to 179 were no longer in the log; reading went on at 180";
  EXPECT_EQ(status().error, gap);
  table_.TakeBrokersDown("1/1 brokers are down");
  EXPECT_EQ(status().error, "1/1 brokers are down");
  table_.TakeRecord(log_, 181);
  EXPECT_EQ(status().error, gap);
}

TEST_F(LogTableTest, AResetIsCountedAndTellsFromWhereToWhere) {
  table_.TakeRecord(log_, 100);
  table_.TakeOffsetOutOfRange(log_);
  EXPECT_EQ(status().resets, 0) << "where it goes on is not known yet";
  EXPECT_TRUE(table_.TakeRecord(log_, 180));

  EXPECT_EQ(status().resets, 1);
  EXPECT_EQ(status().last_reset, (PositionReset{101, 180, ResetReason::kRetention}));
}

TEST_F(LogTableTest, AStartPastTheEndIsOutOfRange) {
  table_.TakeOffsetOutOfRange(log_);
  EXPECT_TRUE(table_.TakeRecord(log_, 0));

  EXPECT_EQ(status().next_offset, 1);
  EXPECT_EQ(status().last_reset, (PositionReset{100, 0, ResetReason::kOutOfRange}));
}

TEST_F(LogTableTest, ALogThatWasReadAndEndsBeforeThatWasCut) {
  table_.TakeRecord(log_, 100);
  table_.TakeBounds(log_, 20, 101);
  table_.TakeOffsetOutOfRange(log_);
  table_.TakeEnd(log_, 20);

  EXPECT_EQ(status().last_reset, (PositionReset{101, 20, ResetReason::kTruncated}));
  EXPECT_EQ(status().next_offset, 20);
}

TEST_F(LogTableTest, ALogWhoseStartGoesBackWasMadeAnew) {
  table_.TakeRecord(log_, 100);
  table_.TakeBounds(log_, 20, 101);
  table_.TakeOffsetOutOfRange(log_);
  table_.TakeBounds(log_, 0, 7);
  EXPECT_TRUE(table_.TakeRecord(log_, 0));

  EXPECT_EQ(status().last_reset, (PositionReset{101, 0, ResetReason::kRecreated}));
}

TEST_F(LogTableTest, ALogThatWasGoneInBetweenWasMadeAnew) {
  table_.TakeRecord(log_, 100);
  table_.TakeGone(log_, "Unknown topic");
  table_.TakeOffsetOutOfRange(log_);
  EXPECT_TRUE(table_.TakeRecord(log_, 0));

  EXPECT_EQ(status().last_reset, (PositionReset{101, 0, ResetReason::kRecreated}));
}

TEST_F(LogTableTest, LosingOnlyWhatWasReadIsNoReset) {
  table_.TakeRecord(log_, 100);
  table_.TakeOffsetOutOfRange(log_);
  EXPECT_TRUE(table_.TakeRecord(log_, 101));

  EXPECT_EQ(status().resets, 0);
  EXPECT_THAT(status().error, IsEmpty());
}

class LogInDoubtTest : public LogTableTest {
 protected:
  LogInDoubtTest() {
    table_.TakeRecord(log_, 100);
    table_.TakeMark(log_, kMark);
    KafkaStatistics gone = Statistics("UP", -1, "active");
    gone.partitions[{"events", 0}].unknown = true;
    table_.TakeStatistics(gone, {});
  }

  static constexpr RecordMark kMark{100, EventTimeFromMicros(7), 0x1234};
};

TEST_F(LogInDoubtTest, IsAskedForItsLastRecordOnceItIsBack) {
  EXPECT_EQ(table_.doubt(log_), LogTable::Doubt::kAway);

  table_.TakeStatistics(Statistics("UP", 1, "active"), {});
  EXPECT_EQ(table_.doubt(log_), LogTable::Doubt::kBack);
  EXPECT_FALSE(status().readable);

  EXPECT_EQ(table_.BeginCheck(log_), 100);
  EXPECT_EQ(table_.doubt(log_), LogTable::Doubt::kChecking);
}

TEST_F(LogInDoubtTest, GoesOnWhereItWasIfItStillHasThatRecord) {
  table_.TakeBack(log_);
  table_.BeginCheck(log_);

  table_.TakeCheck(log_, kMark);

  EXPECT_EQ(table_.doubt(log_), LogTable::Doubt::kNone);
  EXPECT_TRUE(status().readable);
  EXPECT_EQ(status().next_offset, 101);
  EXPECT_TRUE(table_.TakeRecord(log_, 101));
  EXPECT_EQ(status().resets, 0);
}

TEST_F(LogInDoubtTest, IsAnotherOneIfItHasAnotherRecordThereOrNone) {
  const RecordMark other{100, EventTimeFromMicros(7), 0x4321};
  for (const std::optional<RecordMark>& found : {std::optional(other), {}}) {
    LogTable table;
    table.Add({"events", 0}, 100);
    table.TakeRecord(0, 100);
    table.TakeMark(0, kMark);
    table.TakeGone(0, "Unknown topic");
    table.TakeBack(0);
    table.BeginCheck(0);

    table.TakeCheck(0, found);
    EXPECT_EQ(table.doubt(0), LogTable::Doubt::kAnother);
    EXPECT_EQ(table.next_offset(0), -1);

    table.BeginAnew(0);
    EXPECT_TRUE(table.TakeRecord(0, 0));
    EXPECT_EQ(table.statuses()[0].last_reset, (PositionReset{101, 0, ResetReason::kRecreated}));
  }
}

TEST_F(LogInDoubtTest, GoesOnWhereItWasIfOnlyWhatWasReadIsGone) {
  for (const std::int64_t start : {101, 102}) {
    LogTable table;
    table.Add({"events", 0}, 102, kMark);  // A transaction's mark may stand between.
    EXPECT_EQ(table.doubt(0), LogTable::Doubt::kBack);
    table.BeginCheck(0);
    table.TakeOffsetOutOfRange(0);

    for (std::int64_t offset = start; offset < 102; ++offset) {
      EXPECT_FALSE(table.TakeRecord(0, offset)) << "read before";
    }
    EXPECT_TRUE(table.TakeRecord(0, 102));
    EXPECT_EQ(table.statuses()[0].resets, 0);
  }
}

TEST_F(LogInDoubtTest, LosesWhatRetentionTookBeyondWhatWasRead) {
  table_.TakeBack(log_);
  table_.BeginCheck(log_);
  table_.TakeOffsetOutOfRange(log_);
  EXPECT_TRUE(table_.TakeRecord(log_, 150));

  EXPECT_EQ(status().last_reset, (PositionReset{101, 150, ResetReason::kRetention}));
}

TEST_F(LogInDoubtTest, IsNoneIfItsMarkIsNotBeforeItsStart) {
  EXPECT_EQ(table_.doubt(table_.Add({"events", 1}, 100, kMark)), LogTable::Doubt::kNone);
  EXPECT_EQ(table_.doubt(table_.Add({"events", 2}, -1, kMark)), LogTable::Doubt::kNone);
}

TEST_F(LogInDoubtTest, IsSoAfterEveryOutageOfTheCluster) {
  for (const auto& outage : {Statistics("DOWN", 1, "active"), Statistics("UP", -1, "active")}) {
    table_.TakeBack(log_);
    table_.BeginCheck(log_);
    table_.TakeCheck(log_, kMark);
    EXPECT_EQ(table_.doubt(log_), LogTable::Doubt::kNone);

    table_.TakeStatistics(outage, {});

    EXPECT_EQ(table_.doubt(log_), LogTable::Doubt::kAway);
  }
}

class LogBehindATransactionTest : public testing::Test {
 protected:
  LogBehindATransactionTest() { table_.TakeRecord(log_, 100); }

  bool StuckAfter(std::chrono::milliseconds since_start, std::int64_t stable, std::int64_t end) {
    KafkaStatistics statistics = Statistics("UP", 1, "active");
    statistics.partitions[{"events", 0}].stable_offset = stable;
    statistics.partitions[{"events", 0}].end_offset = end;
    table_.TakeStatistics(statistics, std::chrono::steady_clock::time_point(since_start));
    return table_.statuses()[log_].stuck_at_lso;
  }

  LogTable table_{std::chrono::seconds(60)};
  const std::uint32_t log_ = table_.Add({"events", 0}, 100);
};

TEST_F(LogBehindATransactionTest, IsStuckWhenItStandsStillThereForLong) {
  using std::chrono::seconds;
  EXPECT_FALSE(StuckAfter(seconds(0), 101, 150));
  EXPECT_FALSE(StuckAfter(seconds(59), 101, 160));
  EXPECT_TRUE(StuckAfter(seconds(60), 101, 160));
  EXPECT_FALSE(StuckAfter(seconds(65), 160, 160)) << "the transaction ended";
}

TEST_F(LogBehindATransactionTest, IsNotStuckWhileItAdvancesFromOneToTheNext) {
  using std::chrono::seconds;
  EXPECT_FALSE(StuckAfter(seconds(0), 101, 150));
  table_.TakeRecord(log_, 140);
  EXPECT_FALSE(StuckAfter(seconds(60), 141, 190));
  EXPECT_FALSE(StuckAfter(seconds(119), 141, 190));
  EXPECT_TRUE(StuckAfter(seconds(120), 141, 190));
}

TEST_F(LogBehindATransactionTest, IsNotStuckAtItsEndOrWhereItDoesNotTell) {
  using std::chrono::seconds;
  EXPECT_FALSE(StuckAfter(seconds(0), 101, 101));
  EXPECT_FALSE(StuckAfter(seconds(90), 101, 101));
  EXPECT_FALSE(StuckAfter(seconds(180), -1, 150));
  EXPECT_FALSE(StuckAfter(seconds(300), -1, 150));
}

TEST_F(LogTableTest, FindsLogsByName) {
  EXPECT_EQ(table_.Add({"events", 1}, -1), 1u);
  EXPECT_EQ(table_.Find({"events", 1}), 1u);
  EXPECT_EQ(table_.Find({"events", 2}), std::nullopt);
  EXPECT_EQ(table_.name(1).partition, 1);
}

}  // namespace
}  // namespace guardwatch
