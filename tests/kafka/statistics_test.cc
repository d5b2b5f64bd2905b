#include "kafka/statistics.h"

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

constexpr std::string_view kJson = R"({ "name": "guardwatch#consumer-1", "ts":5016483227792,
"brokers":{ "127.0.0.1:9092/bootstrap":{ "name":"127.0.0.1:9092/bootstrap", "nodeid":-1,
"nodename":"127.0.0.1:9092", "source":"configured", "state":"UP", "rtt":{ "min":1580, "p99":-1.5 } },
"127.0.0.1:9092/2":{ "name":"127.0.0.1:9092/2", "nodeid":2, "state":"UP", "waitresp_cnt":1, "rxidle":20000001, "req":{ "Fetch":12 },
"toppars":{ "events-0":{ "topic":"events", "partition":0 } } },
"GroupCoordinator":{ "nodeid":2, "source":"logical", "state":"DOWN", "waitresp_cnt":0, "rxidle":-1 },
"127.0.0.1:9093/3":{ "nodeid":3, "state":"CONNECT", "waitresp_cnt":0, "rxidle":20000001, "list":[ 1, [ ], { "a":null } ] } },
"topics":{ "events":{ "topic":"events", "age":9060,
"partitions":{ "0":{ "partition":0, "broker":2, "leader":3, "unknown":false, "fetch_state":"active", "hi_offset":5000000007, "ls_offset":5000000003 },
"-1":{ "partition":-1, "broker":-1, "leader":2, "unknown":true, "fetch_state":"none" } } }, "none":{ "partitions":{ } } },
"cgrp":{ "state":"up", "join_state": "init", "rebalance_reason":"a \"quoted\" word" }, "tx":6 })";

TEST(KafkaStatistics, TellWhereAPartitionIsReadFromAndTheStateOfBrokers) {
  const auto statistics = ParseKafkaStatistics(kJson);

  ASSERT_TRUE(statistics);
  EXPECT_EQ(statistics->brokers.size(), 2u) << "neither bootstrap addresses nor the coordinator";
  EXPECT_TRUE(statistics->IsUp(2));
  EXPECT_FALSE(statistics->IsUp(3));
  EXPECT_FALSE(statistics->IsUp(4));
  EXPECT_TRUE(statistics->AnyUp());
  EXPECT_FALSE(statistics->Answers(2));
  EXPECT_TRUE(statistics->Answers(3)) << "it was not asked";
  EXPECT_FALSE(statistics->Answers(4));
  const auto& partition = statistics->partitions.at({"events", 0});
  EXPECT_EQ(partition.broker, 2);
  EXPECT_FALSE(partition.unknown);
  EXPECT_EQ(partition.fetch_state, "active");
  EXPECT_EQ(partition.stable_offset, 5'000'000'003);
  EXPECT_EQ(partition.end_offset, 5'000'000'007);
  EXPECT_EQ(statistics->partitions.at({"events", -1}).broker, -1);
  EXPECT_TRUE(statistics->partitions.at({"events", -1}).unknown);
}

TEST(KafkaStatistics, CutShortAnywhereAreNotBelieved) {
  for (std::size_t size = 0; size < kJson.size(); ++size) {
    EXPECT_FALSE(ParseKafkaStatistics(kJson.substr(0, size))) << size;
  }
}

}  // namespace
}  // namespace guardwatch
