#include "kafka/log_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace guardwatch {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

KafkaStatistics Statistics(std::string broker_state, std::int32_t broker, std::string fetch_state) {
  KafkaStatistics statistics;
  statistics.broker_states[1] = std::move(broker_state);
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
  table_.TakeEndOffset(log_, 110);
  EXPECT_EQ(status().end_offset, 121);
  table_.TakeEndOffset(log_, 150);
  EXPECT_EQ(status().end_offset, 150);
  table_.TakeEndOffset(log_, -1001);
  EXPECT_EQ(status().end_offset, 150) << "unknown";
  table_.TakeEnd(log_, 151);
  EXPECT_EQ(status().next_offset, 151);
  EXPECT_EQ(status().end_offset, 151);
}

TEST_F(LogTableTest, StatisticsTellABrokerThatIsGoneAndBack) {
  table_.TakeRecord(log_, 100);
  table_.TakeStatistics(Statistics("DOWN", 1, "active"));
  EXPECT_FALSE(status().readable);
  EXPECT_THAT(status().error, HasSubstr("broker 1"));

  table_.TakeStatistics(Statistics("UP", 1, "active"));
  EXPECT_TRUE(status().readable);

  table_.TakeStatistics(Statistics("UP", -1, "active"));
  EXPECT_FALSE(status().readable);
  EXPECT_THAT(status().error, HasSubstr("no leader"));
}

TEST_F(LogTableTest, StatisticsTellAPartitionThatIsGone) {
  table_.TakeRecord(log_, 100);
  KafkaStatistics statistics = Statistics("UP", -1, "active");
  statistics.partitions[{"events", 0}].unknown = true;

  table_.TakeStatistics(statistics);

  EXPECT_FALSE(status().readable);
  EXPECT_THAT(status().error, HasSubstr("does not have this topic or partition"));
}

TEST_F(LogTableTest, StatisticsDoNotMakeALogReadableThatIsNotBeingFetched) {
  table_.TakeBrokersDown("1/1 brokers are down");
  table_.TakeStatistics(Statistics("UP", 1, "offset-query"));
  EXPECT_FALSE(status().readable);
  EXPECT_EQ(status().error, "1/1 brokers are down");
}

TEST_F(LogTableTest, AnErrorOfTheLogItselfOnlyEndsWithItsAnswer) {
  table_.TakeRecord(log_, 100);
  table_.TakeError(log_, "Topic authorization failed");
  table_.TakeStatistics(Statistics("UP", 1, "active"));
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

TEST_F(LogTableTest, ALogThatWasMadeAnewIsReadFromItsStart) {
  table_.TakeOffsetOutOfRange(log_);
  EXPECT_TRUE(table_.TakeRecord(log_, 0));

  EXPECT_EQ(status().next_offset, 1);
  EXPECT_THAT(status().error, HasSubstr("offset 100 is past the end of the log"));
}

TEST_F(LogTableTest, FindsLogsByName) {
  EXPECT_EQ(table_.Add({"events", 1}, -1), 1u);
  EXPECT_EQ(table_.Find({"events", 1}), 1u);
  EXPECT_EQ(table_.Find({"events", 2}), std::nullopt);
  EXPECT_EQ(table_.name(1).partition, 1);
}

}  // namespace
}  // namespace guardwatch
