#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/state_changes.h"

namespace guardwatch {

struct LogPosition {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t next_offset = 0;
};

// What the records of a shard say, for people.
struct ShardSummary {
  std::vector<LogPosition> logs;
  std::int64_t waiting = 0;  // Scores, decisions and labels.
  std::int64_t bytes = 0;    // Of records.

  // Adds one record of the shard. False: it cannot be understood.
  bool Add(const StateRecord& record);
};

}  // namespace guardwatch
