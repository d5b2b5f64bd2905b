#include "kafka/producer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kafka/cluster.h"
#include "kafka/metadata.h"

namespace guardwatch {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

TEST(KafkaMetadata, CountsPartitionsAndGivesZeroForATopicThatIsNotThere) {
  const KafkaOptions options = TestOptions();
  const std::string topic = MakeTopic(options, "counted", 5);
  const std::string missing = "zz-missing";
  const std::vector<std::string> topics{topic, missing};

  const auto counts = PartitionCounts(options, topics, kPatience);

  ASSERT_TRUE(counts) << counts.error().message;
  EXPECT_THAT(*counts, ElementsAre(Pair(topic, 5), Pair(missing, 0)));
}

TEST(KafkaProducer, CreatesATopicOnceAndFindsItFineAfterwards) {
  const KafkaOptions options = TestOptions();
  const std::string topic = MakeTopic(options, "again", 2);

  EXPECT_TRUE(CreateTopic(options, topic, 3, {}));

  const std::vector<std::string> topics{topic};
  EXPECT_THAT(*PartitionCounts(options, topics, kPatience), ElementsAre(Pair(topic, 2)));
}

TEST(KafkaProducer, SaysWhyATopicCannotBeCreated) {
  const auto created = CreateTopic(TestOptions(), "odd", 1, {{"cleanup.policy", "incinerate"}});

  ASSERT_FALSE(created);
  EXPECT_FALSE(created.error().retryable);
  EXPECT_THAT(created.error().message, HasSubstr("odd"));
}

TEST(KafkaProducer, CountsRecordsThatCannotBeWritten) {
  const KafkaOptions options = TestOptions();
  const std::string topic = MakeTopic(options, "narrow", 1);
  const auto producer = MakeProducer(options);
  ASSERT_TRUE(producer->Produce(topic, 0, "key", "fits", Minute(0)));
  ASSERT_TRUE(producer->Flush(kPatience));

  // Refused at once, or when the partition is found not to exist.
  if (producer->Produce(topic, 7, "key", "lost", Minute(0))) {
    const auto flushed = producer->Flush(kPatience);
    ASSERT_FALSE(flushed);
    EXPECT_THAT(flushed.error().message, HasSubstr("1 records could not be written"));
    EXPECT_EQ(producer->failed(), 1);
  }
  EXPECT_EQ(producer->delivered(), 1);
}

TEST(KafkaProducer, WaitsForRoomInsteadOfLosingRecords) {
  KafkaOptions options = TestOptions();
  options.properties["queue.buffering.max.messages"] = "100";
  const std::string topic = MakeTopic(options, "pressed", 1);
  const auto producer = MakeProducer(options);

  for (int i = 0; i < 5000; ++i) ASSERT_TRUE(producer->Produce(topic, 0, "k", "v", Minute(0)));

  ASSERT_TRUE(producer->Flush(kPatience));
  EXPECT_EQ(producer->delivered(), 5000);
}

TEST(KafkaProducer, FlushEndsInTimeWhenNoBrokerIsThere) {
  KafkaOptions options;
  options.brokers = {"127.0.0.1:1"};
  const auto producer = MakeProducer(options);
  ASSERT_TRUE(producer->Produce("events", 0, "key", "payload", Minute(0)));

  const auto flushed = producer->Flush(milliseconds(200));

  ASSERT_FALSE(flushed);
  EXPECT_TRUE(flushed.error().retryable);
  EXPECT_EQ(producer->delivered(), 0);
}

}  // namespace
}  // namespace guardwatch
