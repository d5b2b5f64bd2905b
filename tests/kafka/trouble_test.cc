#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "kafka/cluster.h"
#include "kafka/kafka_source.h"
#include "kafka/metadata.h"
#include "kafka/raw_client.h"

// What a cluster can do to a source. The real broker serves where it can be made to misbehave;
// librdkafka's mock brokers where one has to go and come back.

namespace guardwatch {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

KafkaOptions NobodyThere() {
  KafkaOptions options;
  options.brokers = {"127.0.0.1:1"};
  return options;
}

class KafkaSourceWithoutABroker : public testing::TestWithParam<StartPolicy::From> {};

TEST_P(KafkaSourceWithoutABroker, SaysSoAndKeepsTryingAndEndsAtOnce) {
  KafkaOptions options = NobodyThere();
  options.start.from = GetParam();
  auto source = MakeSource(options, {FromConfig("events", 0), {{"events", 1}, 7}},
                           WallTime(Minute(0).time_since_epoch()));

  ReadUntil(*source, [&](const auto& read) {
    EXPECT_THAT(read, IsEmpty());
    const auto logs = source->Status();
    return logs[0].error.find("Connection refused") != std::string::npos &&
           logs[1].error.find("Connection refused") != std::string::npos;
  });
  EXPECT_FALSE(source->Status()[0].readable);
  EXPECT_EQ(source->Status()[0].next_offset, -1);
  EXPECT_EQ(source->Status()[0].end_offset, -1);
  EXPECT_FALSE(source->Status()[1].readable);
  EXPECT_EQ(source->Status()[1].next_offset, 7);

  const auto start = std::chrono::steady_clock::now();
  source.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(2));
}

INSTANTIATE_TEST_SUITE_P(EveryStart, KafkaSourceWithoutABroker,
                         testing::Values(StartPolicy::From::kEarliest, StartPolicy::From::kLatest,
                                         StartPolicy::From::kBack));

TEST(KafkaTrouble, APollWithoutABrokerTakesNoLongerThanItsWait) {
  KafkaOptions options = NobodyThere();
  options.start.from = StartPolicy::From::kBack;
  const auto source =
      MakeSource(options, {FromConfig("events", 0)}, WallTime(Minute(0).time_since_epoch()));
  ReadUntil(*source, [&](const auto&) {
    return source->Status()[0].error.find("Connection refused") != std::string::npos;
  });

  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 10; ++i) EXPECT_THAT(source->Poll(milliseconds(20)), IsEmpty());

  EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(2));
}

TEST(KafkaTrouble, ListingPartitionsWithoutABrokerIsAnErrorThatMayPass) {
  const std::vector<std::string> topics{"events"};

  const auto counts = PartitionCounts(NobodyThere(), topics, milliseconds(500));

  ASSERT_FALSE(counts);
  EXPECT_TRUE(counts.error().retryable);
  EXPECT_THAT(counts.error().message, HasSubstr("Connection refused"));
}

TEST(KafkaTrouble, CreatingATopicWithoutABrokerIsAnErrorThatMayPass) {
  const auto created = CreateTopic(NobodyThere(), "events", 1, {}, milliseconds(500));

  ASSERT_FALSE(created);
  EXPECT_TRUE(created.error().retryable) << created.error().message;
}

class KafkaTopicNotThere : public testing::TestWithParam<StartPolicy::From> {};

TEST_P(KafkaTopicNotThere, ShowsAsAnErrorUntilTheTopicIsMade) {
  KafkaOptions options = TestOptions();
  options.properties["topic.metadata.refresh.fast.interval.ms"] = "100";
  options.properties["topic.metadata.refresh.interval.ms"] = "500";
  options.properties["topic.metadata.propagation.max.ms"] = "100";
  options.statistics_interval = milliseconds(200);
  options.start = {GetParam(), std::chrono::minutes(3)};
  const std::string topic = "late." + std::to_string(std::random_device{}());
  const auto source =
      MakeSource(options, {FromConfig(topic, 0)}, WallTime(Minute(5).time_since_epoch()));
  ReadUntil(*source, [&](const auto&) {
    const std::string& error = source->Status()[0].error;
    return error.find("Unknown") != std::string::npos ||
           error.find("not have") != std::string::npos;
  });
  EXPECT_FALSE(source->Status()[0].readable);

  ASSERT_TRUE(CreateTopic(options, topic, 1, {}));
  ProduceMinutes(options, topic, 0, 5);

  const std::int64_t first = GetParam() == StartPolicy::From::kBack ? 2 : 0;
  EXPECT_EQ(OffsetsOf(ReadCount(*source, static_cast<std::size_t>(5 - first))), Range(first, 5));
  EXPECT_TRUE(source->Status()[0].readable);
}

INSTANTIATE_TEST_SUITE_P(EveryStart, KafkaTopicNotThere,
                         testing::Values(StartPolicy::From::kEarliest, StartPolicy::From::kBack));

TEST(KafkaTrouble, ATopicDeletedWhileItIsReadShowsAsAnErrorAndTheSourceEndsAtOnce) {
  KafkaOptions options = TestOptions();
  options.properties["topic.metadata.propagation.max.ms"] = "100";
  options.statistics_interval = milliseconds(200);
  const std::string topic = MakeTopic(options, "doomed", 1);
  ProduceMinutes(options, topic, 0, 5);
  auto source = MakeSource(options, {FromConfig(topic, 0)});
  ReadToEnd(*source);

  DeleteTopic(options, topic);
  ReadUntil(*source, [&](const auto&) { return !source->Status()[0].readable; });
  EXPECT_THAT(source->Status()[0].error, HasSubstr("does not have this topic or partition"));

  const auto start = std::chrono::steady_clock::now();
  source.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(2));
}

class MockCluster {
 public:
  explicit MockCluster(int brokers) : cluster_(rd_kafka_mock_cluster_new(host_.get(), brokers)) {}
  MockCluster(const MockCluster&) = delete;
  MockCluster& operator=(const MockCluster&) = delete;
  ~MockCluster() { rd_kafka_mock_cluster_destroy(cluster_); }

  KafkaOptions Options() const {
    KafkaOptions options;
    options.brokers = {rd_kafka_mock_cluster_bootstraps(cluster_)};
    options.properties["reconnect.backoff.max.ms"] = "100";
    options.start.from = StartPolicy::From::kEarliest;
    options.statistics_interval = milliseconds(100);
    return options;
  }
  void MakeTopic(const std::string& topic, int partitions) {
    rd_kafka_mock_topic_create(cluster_, topic.c_str(), partitions, 1);
  }
  void SetLeader(const std::string& topic, std::int32_t partition, std::int32_t broker) {
    rd_kafka_mock_partition_set_leader(cluster_, topic.c_str(), partition, broker);
  }
  void SetDown(std::int32_t broker) { rd_kafka_mock_broker_set_down(cluster_, broker); }
  void SetUp(std::int32_t broker) { rd_kafka_mock_broker_set_up(cluster_, broker); }

 private:
  RawClient host_{RD_KAFKA_PRODUCER, NobodyThere()};
  rd_kafka_mock_cluster_t* cluster_;
};

TEST(KafkaTrouble, LogsOfABrokerThatGoesAreNotReadableUntilItIsBack) {
  MockCluster cluster(2);
  cluster.MakeTopic("events", 2);
  cluster.SetLeader("events", 0, 1);
  cluster.SetLeader("events", 1, 2);
  const KafkaOptions options = cluster.Options();
  ProduceMinutes(options, "events", 0, 5);
  const auto source = MakeSource(options, {FromConfig("events", 0), FromConfig("events", 1)});
  EXPECT_EQ(ReadToEnd(*source).size(), 5u);

  cluster.SetDown(2);
  ReadUntil(*source, [&](const auto&) { return !source->Status()[1].readable; });
  EXPECT_THAT(source->Status()[1].error, HasSubstr("broker 2"));
  ReadUntil(*source, [&](const auto&) { return source->Status()[0].readable; });

  // No record comes, and still it is known to be back.
  cluster.SetUp(2);
  ReadUntil(*source, [&](const auto&) { return source->Status()[1].readable; });
  EXPECT_THAT(source->Status()[1].error, IsEmpty());
}

TEST(KafkaTrouble, GoesOnWhereItWasAfterAllBrokersWereDown) {
  MockCluster cluster(1);
  cluster.MakeTopic("events", 1);
  const KafkaOptions options = cluster.Options();
  ProduceMinutes(options, "events", 0, 5);
  const auto source = MakeSource(options, {FromConfig("events", 0)});
  EXPECT_EQ(OffsetsOf(ReadToEnd(*source)), Range(0, 5));

  cluster.SetDown(1);
  ReadUntil(*source, [&](const auto&) { return !source->Status()[0].readable; });
  cluster.SetUp(1);
  ProduceMinutes(options, "events", 0, 5);

  EXPECT_EQ(OffsetsOf(ReadCount(*source, 5)), Range(5, 10));
  EXPECT_TRUE(AtEnd(*source));
}

TEST(KafkaTrouble, EndsAtOnceWithACommitUnderWayToABrokerThatIsGone) {
  MockCluster cluster(1);
  cluster.MakeTopic("events", 1);
  const KafkaOptions options = cluster.Options();
  ProduceMinutes(options, "events", 0, 5);
  auto source = MakeSource(options, {FromConfig("events", 0)});
  ReadToEnd(*source);
  const std::vector<std::int64_t> taken{5};
  source->Commit(taken);
  cluster.SetDown(1);
  ReadUntil(*source, [&](const auto&) { return !source->Status()[0].readable; });
  source->Commit(taken);

  const auto start = std::chrono::steady_clock::now();
  source.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(2));
}

}  // namespace
}  // namespace guardwatch
