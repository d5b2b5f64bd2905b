#include "kafka/kafka_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kafka/cluster.h"
#include "kafka/raw_client.h"

namespace guardwatch {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(KafkaSource, ReadsEveryRecordOnceAndInOrderFromEachPartition) {
  const KafkaOptions options = TestOptions();
  const std::string topic = MakeTopic(options, "all", 3);
  constexpr int kPerPartition = 4000;
  const auto producer = MakeProducer(options);
  for (int i = 0; i < 3 * kPerPartition; ++i) {
    ASSERT_TRUE(producer->Produce(topic, i % 3, "key", std::to_string(i), Minute(i)));
  }
  ASSERT_TRUE(producer->Flush(kPatience));
  EXPECT_EQ(producer->delivered(), 3 * kPerPartition);

  const auto source =
      MakeSource(options, {FromConfig(topic, 0), FromConfig(topic, 1), FromConfig(topic, 2)});
  const auto read = ReadToEnd(*source);

  ASSERT_EQ(read.size(), 3u * kPerPartition);
  for (std::uint32_t log = 0; log < 3; ++log) {
    EXPECT_EQ(OffsetsOf(read, log), Range(0, kPerPartition));
  }
  for (const ReadRecord& record : read) {
    const auto i = static_cast<int>(record.offset * 3 + record.log);
    ASSERT_EQ(record.payload, std::to_string(i));
    ASSERT_EQ(record.timestamp, Minute(i));
  }
}

TEST(KafkaSource, TellsTombstonesFromEmptyPayloads) {
  const KafkaOptions options = TestOptions();
  const std::string topic = MakeTopic(options, "tombstones", 1);
  const auto producer = MakeProducer(options);
  ASSERT_TRUE(producer->Produce(topic, 0, "a", std::string_view(), Minute(0)));
  ASSERT_TRUE(producer->Produce(topic, 0, "b", std::string_view(""), Minute(0)));
  ASSERT_TRUE(producer->Flush(kPatience));

  const auto source = MakeSource(options, {FromConfig(topic, 0)});
  const auto read = ReadToEnd(*source);

  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0].payload, std::nullopt);
  EXPECT_EQ(read[1].payload, "");
}

TEST(KafkaSource, HasNoTimestampWhereTheLogKeepsNone) {
  const KafkaOptions options = TestOptions();
  const std::string topic = MakeTopic(options, "untimed", 1);
  const auto producer = MakeProducer(options);
  const EventTime none(milliseconds(-1));  // As Kafka writes it.
  ASSERT_TRUE(producer->Produce(topic, 0, "key", "payload", none));
  ASSERT_TRUE(producer->Flush(kPatience));

  const auto source = MakeSource(options, {FromConfig(topic, 0)});
  const auto read = ReadToEnd(*source);

  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0].timestamp, std::nullopt);
}

TEST(KafkaSource, StartsAtTheOffsetItIsGiven) {
  const KafkaOptions options = TestOptions();
  const std::string topic = MakeTopic(options, "explicit", 1);
  ProduceMinutes(options, topic, 0, 100);

  const auto source = MakeSource(options, {{{topic, 0}, 42}});
  EXPECT_EQ(source->Status()[0].next_offset, 42);
  EXPECT_FALSE(source->Status()[0].readable);

  EXPECT_EQ(OffsetsOf(ReadToEnd(*source)), Range(42, 100));
  EXPECT_EQ(source->Status()[0].next_offset, 100);
  EXPECT_EQ(source->Status()[0].end_offset, 100);
}

TEST(KafkaSource, StartsBackInTimeWhenConfiguredSo) {
  KafkaOptions options = TestOptions();
  const std::string topic = MakeTopic(options, "back", 2);
  ProduceMinutes(options, topic, 0, 60);
  options.start = {StartPolicy::From::kBack, std::chrono::minutes(30)};
  const WallTime now(Minute(60).time_since_epoch());

  const auto source = MakeSource(options, {FromConfig(topic, 0), FromConfig(topic, 1)}, now);

  EXPECT_EQ(OffsetsOf(ReadToEnd(*source)), Range(30, 60));
  EXPECT_EQ(source->Status()[1].next_offset, 0) << "an empty log starts at its end";
}

TEST(KafkaSource, StartsAtTheEndWhenNoRecordIsAsYoungAsTheStart) {
  KafkaOptions options = TestOptions();
  const std::string topic = MakeTopic(options, "all-old", 1);
  ProduceMinutes(options, topic, 0, 60);
  options.start = {StartPolicy::From::kBack, std::chrono::minutes(30)};
  const WallTime now(Minute(600).time_since_epoch());

  const auto source = MakeSource(options, {FromConfig(topic, 0)}, now);

  EXPECT_THAT(ReadToEnd(*source), IsEmpty());
  EXPECT_EQ(source->Status()[0].next_offset, 60);
}

TEST(KafkaSource, StartsWithTheNextRecordWhenConfiguredAsLatest) {
  KafkaOptions options = TestOptions();
  const std::string topic = MakeTopic(options, "latest", 1);
  ProduceMinutes(options, topic, 0, 10);
  options.start.from = StartPolicy::From::kLatest;

  const auto source = MakeSource(options, {FromConfig(topic, 0)});
  EXPECT_THAT(ReadToEnd(*source), IsEmpty());
  EXPECT_EQ(source->Status()[0].next_offset, 10);
  ProduceMinutes(options, topic, 0, 3);

  EXPECT_THAT(OffsetsOf(ReadCount(*source, 3)), ElementsAre(10, 11, 12));
}

TEST(KafkaSource, AddsPartitionsAtRunTimeWithoutDisturbingTheOthers) {
  const KafkaOptions options = TestOptions();
  const std::string topic = MakeTopic(options, "growing", 3);
  for (int partition = 0; partition < 3; ++partition) ProduceMinutes(options, topic, partition, 50);
  const auto source = MakeSource(options, {FromConfig(topic, 0)});
  EXPECT_EQ(OffsetsOf(ReadToEnd(*source)), Range(0, 50));

  ASSERT_TRUE(source->Assign({FromConfig(topic, 2), {{topic, 1}, 20}}));
  const auto read = ReadToEnd(*source);

  EXPECT_THAT(OffsetsOf(read, 0), IsEmpty());
  EXPECT_EQ(OffsetsOf(read, 1), Range(0, 50));
  EXPECT_EQ(OffsetsOf(read, 2), Range(20, 50));
  EXPECT_EQ(source->Status().size(), 3u);
}

TEST(KafkaSource, RefusesToReadAPartitionTwice) {
  const KafkaOptions options = TestOptions();
  const auto source = MakeSource(options, {{{"twice", 0}, 0}});

  const auto assigned = source->Assign({{{"twice", 0}, 0}});

  ASSERT_FALSE(assigned);
  EXPECT_THAT(assigned.error().message, HasSubstr("assigned twice"));
  EXPECT_EQ(source->Status().size(), 1u);
}

TEST(KafkaSource, ReadsMessagesOfAMebibyteAndMore) {
  const KafkaOptions options = TestOptions();
  const std::string topic = MakeTopic(options, "large", 1, {{"max.message.bytes", "4194304"}});
  const std::string large(2 << 20, 'x');
  const auto producer = MakeProducer(options);
  ASSERT_TRUE(
      producer->Produce(topic, 0, "key", std::string_view(large).substr(1 << 20), Minute(0)));
  ASSERT_TRUE(producer->Produce(topic, 0, "key", large, Minute(1)));
  ASSERT_TRUE(producer->Produce(topic, 0, "key", "small", Minute(2)));
  ASSERT_TRUE(producer->Flush(kPatience));

  const auto source = MakeSource(options, {FromConfig(topic, 0)});
  const auto read = ReadToEnd(*source);

  ASSERT_EQ(read.size(), 3u);
  EXPECT_EQ(read[0].payload->size(), 1u << 20);
  EXPECT_EQ(read[1].payload, large);
  EXPECT_EQ(read[2].payload, "small");
}

TEST(KafkaSource, ReturnsManyRecordsAtOnceWhosePayloadsStayUntilTheNextPoll) {
  const KafkaOptions options = TestOptions();
  const std::string topic = MakeTopic(options, "batches", 1);
  constexpr int kCount = 200'000;
  const auto producer = MakeProducer(options);
  for (int i = 0; i < kCount; ++i) {
    ASSERT_TRUE(producer->Produce(topic, 0, "key", std::to_string(i), Minute(0)));
  }
  ASSERT_TRUE(producer->Flush(kPatience));

  const auto source = MakeSource(options, {FromConfig(topic, 0)});
  std::int64_t next = 0;
  std::size_t largest = 0;
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (next < kCount && std::chrono::steady_clock::now() < deadline) {
    const auto batch = source->Poll(milliseconds(50));
    largest = std::max(largest, batch.size());
    // Read only after all of them were taken from the queue.
    for (const Record& record : batch) ASSERT_EQ(record.payload, std::to_string(next++));
  }

  EXPECT_EQ(next, kCount);
  EXPECT_GE(largest, 1000u);
}

TEST(KafkaSource, ReturnsWithTheFirstRecordAndDoesNotWaitForMore) {
  const KafkaOptions options = TestOptions();
  const std::string topic = MakeTopic(options, "prompt", 1);
  const auto source = MakeSource(options, {FromConfig(topic, 0)});
  ReadToEnd(*source);
  ProduceMinutes(options, topic, 0, 1);

  const auto start = std::chrono::steady_clock::now();
  const auto batch = source->Poll(kPatience);

  EXPECT_EQ(batch.size(), 1u);
  EXPECT_LT(std::chrono::steady_clock::now() - start, kPatience / 2);
}

TEST(KafkaSource, GoesOnFetchingAsSoonAsAFullQueueIsEmpty) {
  KafkaOptions options = TestOptions();
  options.properties["queued.min.messages"] = "1";       // Full with the first message,
  options.properties["fetch.message.max.bytes"] = "10";  // of which one batch comes at a time.
  const std::string topic = MakeTopic(options, "full", 1);
  constexpr int kBatches = 100;
  const auto producer = MakeProducer(TestOptions());
  for (int i = 0; i < kBatches; ++i) {
    ASSERT_TRUE(producer->Produce(topic, 0, "key", "payload", Minute(i)));
    ASSERT_TRUE(producer->Flush(kPatience));
  }

  const auto source = MakeSource(options, {FromConfig(topic, 0)});

  // With a second's rest after each batch, patience would end long before.
  EXPECT_EQ(OffsetsOf(ReadToEnd(*source)), Range(0, kBatches));
}

TEST(KafkaSource, CommitsOffsetsThatOthersCanSee) {
  KafkaOptions options = TestOptions();
  options.group_id = MakeTopic(options, "group", 1);
  const std::string topic = MakeTopic(options, "committed", 2);
  ProduceMinutes(options, topic, 0, 20);
  const auto source = MakeSource(options, {FromConfig(topic, 0), FromConfig(topic, 1)});
  ReadToEnd(*source);

  EXPECT_EQ(CommitUntilSeen(options, topic, 0, *source, {17, -1}), 17);
}

}  // namespace
}  // namespace guardwatch
