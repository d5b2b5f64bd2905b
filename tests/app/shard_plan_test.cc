#include "app/shard_plan.h"

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

constexpr CarriedKinds kAll{};
constexpr CarriedKinds kLabels{false, false, true};

const PlannedLog& Find(const ShardPlan& plan, const std::string& topic, int partition) {
  for (const PlannedLog& log : plan.logs) {
    if (log.name == LogName{topic, partition}) return log;
  }
  ADD_FAILURE() << "no log " << topic << "/" << partition;
  return plan.logs.front();
}

using Shards = std::vector<std::uint32_t>;

TEST(ShardPlanTest, PartitionsOfOneNumberShareAShard) {
  const ShardPlan plan = PlanShards({{"scores", kAll, 3}, {"decisions", kAll, 3}}, false);
  EXPECT_EQ(plan.shards, 3u);
  EXPECT_EQ(plan.logs.size(), 6u);
  EXPECT_EQ(Find(plan, "scores", 2).shards, Shards{2});
  EXPECT_EQ(Find(plan, "decisions", 2).shards, Shards{2});
}

TEST(ShardPlanTest, LabelTopicsGoToEveryShardAndAreCountedByOne) {
  const ShardPlan plan = PlanShards({{"events", kAll, 3}, {"labels", kLabels, 5}}, false);
  EXPECT_EQ(plan.shards, 3u);
  EXPECT_EQ(Find(plan, "labels", 4).shards, (Shards{0, 1, 2}));
  EXPECT_EQ(Find(plan, "labels", 4).counting_shard, 1u);
}

TEST(ShardPlanTest, LabelsThatFollowTheScoresGoToOneShard) {
  const ShardPlan plan = PlanShards({{"events", kAll, 2}, {"labels", kLabels, 2}}, true);
  EXPECT_EQ(Find(plan, "labels", 1).shards, Shards{1});
}

TEST(ShardPlanTest, TopicsAreRankedByName) {
  const ShardPlan plan = PlanShards({{"b", kAll, 1}, {"a", kAll, 1}}, false);
  EXPECT_EQ(Find(plan, "a", 0).topic_rank, 0u);
  EXPECT_EQ(Find(plan, "b", 0).topic_rank, 1u);
}

TEST(ShardPlanTest, TopicsThatAreNotThereGiveNoShards) {
  EXPECT_EQ(PlanShards({{"events", kAll, 0}}, false).shards, 0u);
  EXPECT_EQ(PlanShards({{"events", kAll, 0}, {"labels", kLabels, 2}}, false).shards, 1u);
}

}  // namespace
}  // namespace guardwatch
