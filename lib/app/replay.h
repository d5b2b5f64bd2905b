#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/logging.h"
#include "base/result.h"
#include "config/config.h"
#include "monitor/history.h"
#include "monitor/snapshot.h"

namespace guardwatch {

struct ReplayOptions {
  std::vector<std::string> files;  // One per log: TOPIC-PARTITION.ndjson.
  std::optional<EventTime> at;     // Where windows end; else after the last scored event.
  bool panes = false;              // The single panes as well.
};

struct ReplayResult {
  std::vector<SeriesWindow> windows;
  std::vector<SeriesHistory> panes;
  std::shared_ptr<const Snapshot> snapshot;  // Counters, alerts and epochs at the end.
};

// Runs recorded logs through the daemon's own pipeline, to their end: everything is sealed and
// matured. The configuration's sources are read from the files instead of from where they say; the
// wall clock plays no part. An error names the file that cannot be used.
Result<ReplayResult> Replay(Config config, const ReplayOptions& options, Logger& log,
                            const std::function<void(const Snapshot&)>& progress);

}  // namespace guardwatch
