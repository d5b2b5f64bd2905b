#pragma once

#include <chrono>
#include <map>
#include <span>
#include <string>

#include "base/result.h"
#include "kafka/options.h"

namespace guardwatch {

// How many partitions each topic has now; 0 for a topic that is not there or that we may not see.
// Blocks for at most `timeout`, all topics together. The error is retryable when no broker answers.
Result<std::map<std::string, int>> PartitionCounts(const KafkaOptions& options,
                                                   std::span<const std::string> topics,
                                                   std::chrono::milliseconds timeout);

}  // namespace guardwatch
