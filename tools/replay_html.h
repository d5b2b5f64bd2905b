#pragma once

#include <ostream>
#include <vector>

#include "app/replay.h"
#include "ingest/options.h"

namespace guardwatch {

// One self-contained page: of every series with labels all statistics, the reliability diagram, the
// histogram of scores, and the ROC and precision-recall curves; then every window, and the
// counters. `sources` are the configured ones, for thresholds and bands.
void WriteReplayHtml(const ReplayResult& result, const std::vector<SourceOptions>& sources,
                     std::ostream& out);

}  // namespace guardwatch
