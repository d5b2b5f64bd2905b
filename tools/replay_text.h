#pragma once

#include <string>

#include "base/json_writer.h"
#include "monitor/history.h"
#include "monitor/snapshot.h"
#include "window/statistics.h"

// What the reports of a replay have in common.

namespace guardwatch {

// {"summary":{..}}: every counter.
void WriteReplaySummary(JsonWriter& json, const Snapshot& snapshot);

std::string NumberText(const StatisticValue& value);  // `0.0123 [0.0100, 0.0150]`, or `-`.
std::string SeriesText(const SeriesKey& key);
std::string WindowText(const WindowView& window);

}  // namespace guardwatch
