#include "app/shard_plan.h"

#include <algorithm>
#include <numeric>

namespace guardwatch {

ShardPlan PlanShards(std::vector<PlannedTopic> topics, bool labels_follow_scores) {
  std::sort(topics.begin(), topics.end(),
            [](const PlannedTopic& a, const PlannedTopic& b) { return a.name < b.name; });
  ShardPlan plan;
  bool any_partition = false;
  for (const PlannedTopic& topic : topics) {
    any_partition = any_partition || topic.partitions > 0;
    if (topic.carries.only_labels()) continue;
    plan.shards = std::max(plan.shards, static_cast<std::uint32_t>(topic.partitions));
  }
  if (any_partition) plan.shards = std::max(plan.shards, 1u);
  std::vector<std::uint32_t> all(plan.shards);
  std::iota(all.begin(), all.end(), 0u);
  for (std::uint32_t rank = 0; rank < topics.size(); ++rank) {
    const PlannedTopic& topic = topics[rank];
    for (int partition = 0; partition < topic.partitions; ++partition) {
      PlannedLog log{{topic.name, partition}, rank, topic.carries, {}, 0};
      log.counting_shard = static_cast<std::uint32_t>(partition) % plan.shards;
      const bool everywhere = topic.carries.only_labels() && !labels_follow_scores;
      log.shards = everywhere ? all : std::vector<std::uint32_t>{log.counting_shard};
      plan.logs.push_back(std::move(log));
    }
  }
  return plan;
}

}  // namespace guardwatch
