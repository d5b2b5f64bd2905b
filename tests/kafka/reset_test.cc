#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kafka/cluster.h"
#include "kafka/kafka_source.h"
#include "kafka/metadata.h"
#include "kafka/raw_client.h"

// What moves the position of a log other than reading, and what keeps it from moving.

namespace guardwatch {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;

// A client that notices within moments what the cluster does to its topics.
KafkaOptions AlertOptions() {
  KafkaOptions options = TestOptions();
  options.properties["topic.metadata.refresh.fast.interval.ms"] = "100";
  options.properties["topic.metadata.refresh.interval.ms"] = "500";
  options.properties["topic.metadata.propagation.max.ms"] = "100";
  options.statistics_interval = milliseconds(100);
  options.stuck_after = milliseconds(500);
  return options;
}

void ExpectNoReset(const LogStatus& status) {
  EXPECT_EQ(status.resets, 0);
  EXPECT_EQ(status.last_reset, std::nullopt);
  EXPECT_THAT(status.error, IsEmpty());
}

void ExpectOneReset(const LogStatus& status, const PositionReset& reset) {
  EXPECT_EQ(status.resets, 1);
  EXPECT_THAT(status.last_reset, Optional(reset))
      << (status.last_reset ? ToString(status.last_reset->reason) : "none");
  EXPECT_TRUE(status.readable);
}

TEST(KafkaReset, AStartBelowTheLogIsTheLossOfWhatRetentionDeleted) {
  const KafkaOptions options = TestOptions();
  const std::string topic = MakeTopic(options, "deleted", 1);
  ProduceMinutes(options, topic, 0, 100);
  DeleteRecordsBefore(options, topic, 60);

  const auto source = MakeSource(options, {{{topic, 0}, 25}});
  ReadUntil(*source, [&](const auto&) { return source->Status()[0].next_offset == -1; });
  EXPECT_FALSE(source->Status()[0].readable);
  EXPECT_THAT(source->Status()[0].error, HasSubstr("offset 25 is not in the log"));

  EXPECT_EQ(OffsetsOf(ReadToEnd(*source)), Range(60, 100));
  ExpectOneReset(source->Status()[0], {25, 60, ResetReason::kRetention});
  EXPECT_THAT(source->Status()[0].error, HasSubstr("offsets 25 to 59 were no longer in the log"));
}

TEST(KafkaReset, AStartPastTheEndBeginsAtTheStartOfTheLog) {
  const KafkaOptions options = TestOptions();
  const std::string topic = MakeTopic(options, "short", 2);
  ProduceMinutes(options, topic, 0, 10);
  ProduceMinutes(options, topic, 1, 10);

  const auto source = MakeSource(options, {{{topic, 0}, 5000}, {{topic, 1}, 5}});
  const auto read =
      ReadUntil(*source, [&](const auto&) { return source->Status()[0].next_offset == 10; });

  EXPECT_EQ(OffsetsOf(read, 0), Range(0, 10));
  EXPECT_EQ(OffsetsOf(read, 1), Range(5, 10));
  ExpectOneReset(source->Status()[0], {5000, 0, ResetReason::kOutOfRange});
  EXPECT_THAT(source->Status()[0].error, HasSubstr("offset 5000, where reading was to begin"));
  ExpectNoReset(source->Status()[1]);
}

TEST(KafkaReset, AStartAtTheEndIsNone) {
  const KafkaOptions options = TestOptions();
  const std::string topic = MakeTopic(options, "at-end", 1);
  ProduceMinutes(options, topic, 0, 10);

  const auto source = MakeSource(options, {{{topic, 0}, 10}});

  EXPECT_THAT(ReadToEnd(*source), IsEmpty());
  ExpectNoReset(source->Status()[0]);
}

TEST(KafkaReset, RetentionThatOvertakesReadingIsALossThatIsNamed) {
  KafkaOptions options = TestOptions();
  options.properties["queued.min.messages"] = "1";         // So that little was fetched before
  options.properties["fetch.message.max.bytes"] = "1000";  // retention came.
  const std::string topic = MakeTopic(options, "overtaken", 1);
  const auto producer = MakeProducer(TestOptions());
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(producer->Produce(topic, 0, "key", std::string(900, 'x'), Minute(i)));
    ASSERT_TRUE(producer->Flush(kPatience));
  }
  const auto source = MakeSource(options, {FromConfig(topic, 0)});
  auto read = ReadCount(*source, 3);
  DeleteRecordsBefore(options, topic, 90);

  const auto rest = ReadToEnd(*source);
  read.insert(read.end(), rest.begin(), rest.end());

  const LogStatus& status = source->Status()[0];
  ASSERT_TRUE(status.last_reset);
  const std::int64_t from = status.last_reset->from;
  EXPECT_LT(from, 90);
  ExpectOneReset(status, {from, 90, ResetReason::kRetention});
  auto expected = Range(0, from);
  for (const std::int64_t offset : Range(90, 100)) expected.push_back(offset);
  EXPECT_EQ(OffsetsOf(read), expected) << "all but what was lost, and nothing twice";
}

TEST(KafkaReset, AStartThatIsTheOldLogsGoesOnThere) {
  const KafkaOptions options = TestOptions();
  const std::string topic = MakeTopic(options, "kept", 1);
  ProduceMinutes(options, topic, 0, 10);
  auto source = MakeSource(options, {FromConfig(topic, 0)});
  ReadToEnd(*source);
  const LogStatus before = source->Status()[0];
  ASSERT_TRUE(before.last_read);
  EXPECT_EQ(before.last_read->offset, 9);
  source.reset();
  ProduceMinutes(options, topic, 0, 10);

  source = MakeSource(options, {{{topic, 0}, before.next_offset, before.last_read}});

  EXPECT_EQ(OffsetsOf(ReadToEnd(*source)), Range(10, 20));
  ExpectNoReset(source->Status()[0]);
}

TEST(KafkaReset, AStartThatIsNotTheNewLogsBeginsAtItsStart) {
  const KafkaOptions options = TestOptions();
  const std::string topic = MakeTopic(options, "another", 1);
  ProduceMinutes(options, topic, 0, 10);
  // As if from before, when the topic of that name held something else.
  const RecordMark of_another_log{6, Minute(6), 0x1234};

  const auto source = MakeSource(options, {{{topic, 0}, 7, of_another_log}});
  const auto read =
      ReadUntil(*source, [&](const auto&) { return source->Status()[0].next_offset == 10; });

  EXPECT_EQ(OffsetsOf(read), Range(0, 10));
  ExpectOneReset(source->Status()[0], {7, 0, ResetReason::kRecreated});
}

TEST(KafkaReset, AStartOfWhichOnlyWhatWasReadIsGoneIsNone) {
  const KafkaOptions options = TestOptions();
  const std::string topic = MakeTopic(options, "expired", 1);
  ProduceMinutes(options, topic, 0, 10);
  DeleteRecordsBefore(options, topic, 6);
  const RecordMark gone{4, Minute(4), 0x1234};

  const auto source = MakeSource(options, {{{topic, 0}, 7, gone}});
  const auto read =
      ReadUntil(*source, [&](const auto&) { return source->Status()[0].next_offset == 10; });

  EXPECT_EQ(OffsetsOf(read), Range(7, 10));
  ExpectNoReset(source->Status()[0]);
}

class KafkaTopicMadeAnew : public testing::TestWithParam<int> {};

TEST_P(KafkaTopicMadeAnew, IsReadFromItsStartHoweverLongItIs) {
  const KafkaOptions options = AlertOptions();
  const std::string topic = MakeTopic(options, "anew", 1);
  ProduceMinutes(options, topic, 0, 10);
  const auto source = MakeSource(options, {FromConfig(topic, 0)});
  EXPECT_EQ(OffsetsOf(ReadToEnd(*source)), Range(0, 10));
  DeleteTopic(options, topic);
  ReadUntil(*source, [&](const auto&) { return !source->Status()[0].readable; });
  EXPECT_EQ(source->Status()[0].resets, 0);

  ASSERT_TRUE(CreateTopic(options, topic, 1, {}));
  const auto producer = MakeProducer(options);
  for (int i = 0; i < GetParam(); ++i) {
    ASSERT_TRUE(producer->Produce(topic, 0, "key", "anew " + std::to_string(i), Minute(i)));
  }
  ASSERT_TRUE(producer->Flush(kPatience));
  const auto read = ReadUntil(*source, [&](const auto&) {
    return source->Status()[0].resets > 0 && source->Status()[0].next_offset == GetParam();
  });

  ExpectOneReset(source->Status()[0], {10, 0, ResetReason::kRecreated});
  EXPECT_THAT(source->Status()[0].error, HasSubstr("was deleted and made anew"));
  EXPECT_EQ(OffsetsOf(read), Range(0, GetParam()));
  for (const ReadRecord& record : read) EXPECT_THAT(record.payload, Optional(HasSubstr("anew")));
}

INSTANTIATE_TEST_SUITE_P(EmptyShorterAsLongAndLonger, KafkaTopicMadeAnew,
                         testing::Values(0, 4, 10, 25));

TEST(KafkaReset, PartitionsThatAreAddedDisturbNoOther) {
  const KafkaOptions options = AlertOptions();
  const std::string topic = MakeTopic(options, "widened", 1);
  ProduceMinutes(options, topic, 0, 10);
  const auto source = MakeSource(options, {FromConfig(topic, 0)});
  EXPECT_EQ(OffsetsOf(ReadToEnd(*source)), Range(0, 10));

  CreatePartitions(options, topic, 3);
  const std::vector<std::string> topics{topic};
  ReadUntil(*source, [&](const auto&) {
    const auto counts = PartitionCounts(options, topics, kPatience);
    return counts && counts->at(topic) == 3;
  });
  ASSERT_TRUE(source->Assign({FromConfig(topic, 1), FromConfig(topic, 2)}));
  ProduceMinutes(options, topic, 0, 5);
  ProduceMinutes(options, topic, 2, 5);
  const auto read = ReadCount(*source, 10);
  ReadToEnd(*source);

  EXPECT_EQ(OffsetsOf(read, 0), Range(10, 15));
  EXPECT_EQ(OffsetsOf(read, 2), Range(0, 5));
  for (const LogStatus& status : source->Status()) ExpectNoReset(status);
}

TEST(KafkaReset, APartitionThatGoesIdleStaysReadableAtItsEnd) {
  const KafkaOptions options = AlertOptions();
  const std::string topic = MakeTopic(options, "idle", 1);
  ProduceMinutes(options, topic, 0, 10);
  const auto source = MakeSource(options, {FromConfig(topic, 0)});
  ReadToEnd(*source);

  const auto quiet_until = std::chrono::steady_clock::now() + seconds(2);
  ReadUntil(*source, [&](const auto& read) {
    EXPECT_TRUE(AtEnd(*source));
    EXPECT_FALSE(source->Status()[0].stuck_at_lso);
    EXPECT_THAT(read, IsEmpty());
    return std::chrono::steady_clock::now() > quiet_until;
  });

  ExpectNoReset(source->Status()[0]);
}

TEST(KafkaReset, ATransactionThatNeverEndsShowsAsStuckUntilItIsAborted) {
  const KafkaOptions options = AlertOptions();
  const std::string topic = MakeTopic(options, "stuck", 1);
  ProduceMinutes(options, topic, 0, 10);
  OpenTransaction transaction(options, topic);
  transaction.Write(5);
  ProduceMinutes(options, topic, 0, 10);  // Committed, but behind the open transaction.

  const auto source = MakeSource(options, {FromConfig(topic, 0)});
  const auto before =
      ReadUntil(*source, [&](const auto&) { return source->Status()[0].stuck_at_lso; });
  EXPECT_EQ(OffsetsOf(before), Range(0, 10));
  EXPECT_TRUE(source->Status()[0].readable);
  EXPECT_EQ(source->Status()[0].next_offset, 10);
  EXPECT_EQ(source->Status()[0].end_offset, 25);

  transaction.Abort();
  const auto after = ReadUntil(
      *source, [&](const auto&) { return !source->Status()[0].stuck_at_lso && AtEnd(*source); });
  EXPECT_EQ(OffsetsOf(after), Range(15, 25)) << "but for what was aborted";
  ExpectNoReset(source->Status()[0]);
}

}  // namespace
}  // namespace guardwatch
