#pragma once

#include <ostream>

#include "app/replay.h"

namespace guardwatch {

// One JSON object per line: windows, panes if asked for, and a summary of every counter.
void WriteReplayJson(const ReplayResult& result, std::ostream& out);

// The headline statistics of every series and window, for a terminal.
void WriteReplayTable(const ReplayResult& result, std::ostream& out);

// Every statistic of every window, one per line: of wholes and, but for the slow ones, of cohorts.
void WriteReplayStatistics(const ReplayResult& result, std::ostream& out);

}  // namespace guardwatch
