#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/logging.h"
#include "app/shard_plan.h"
#include "base/result.h"
#include "base/time.h"
#include "config/config.h"
#include "source/source.h"

// The one place that knows which kinds of sources there are.

namespace guardwatch {

// The topics of a source as configured; those of the demo stream if it is one.
std::vector<TopicConfig> TopicsOf(const SourceConfig& config);

// The topics with the number of partitions they have now; 0 for one that is not there. Blocks for
// up to a few seconds. Retryable while no broker answers.
Result<std::vector<PlannedTopic>> FindTopics(const SourceConfig& config);

// A reader of some of the source's logs. `started` is when the source was started: where a start
// position counts back from, and the demo's beginning. `log` must outlive the reader.
Result<std::unique_ptr<EventSource>> OpenReader(const SourceConfig& config,
                                                std::vector<LogAssignment> logs, WallTime started,
                                                Logger& log);

}  // namespace guardwatch
