#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "event/event.h"
#include "source/source.h"

namespace guardwatch {

struct PlannedTopic {
  std::string name;
  CarriedKinds carries;
  int partitions = 0;
};

struct PlannedLog {
  LogName name;
  std::uint32_t topic_rank = 0;  // Among the topics, sorted by name.
  CarriedKinds carries;
  std::vector<std::uint32_t> shards;  // Who takes its events.
  std::uint32_t counting_shard = 0;   // Who of them counts them.
};

// Which shards a source has, and which log goes where. A shard is one partition number over the
// topics that carry scores or decisions; topics that carry only labels go to every shard, unless
// they are partitioned as the scores are.
struct ShardPlan {
  std::uint32_t shards = 0;
  std::vector<PlannedLog> logs;
};

ShardPlan PlanShards(std::vector<PlannedTopic> topics, bool labels_follow_scores);

}  // namespace guardwatch
