#pragma once

#include "base/json_writer.h"
#include "monitor/snapshot.h"
#include "window/series.h"
#include "window/statistics.h"

// Windows and panes as JSON, the same bytes from the daemon's API and from `guardwatchctl replay`.

namespace guardwatch {

// One complete window object.
void WriteWindow(JsonWriter& json, const SeriesKey& key, const WindowView& window);

// One pane in the same shape, `"window":"pane"`, with its start. `pane.window` is the pane's width.
void WritePane(JsonWriter& json, const SeriesKey& key, const WindowView& pane);

// The fields that name a series, into the object that is open: source, guardrail, category,
// model_version, variant, slice.
void WriteSeriesFields(JsonWriter& json, const SeriesKey& key);

// `{}` or `{"dimension":"value"}`.
void WriteSlice(JsonWriter& json, const Slice& slice);

// {"value":..,"low":..,"high":..,"noise_floor":..,"n":..}; low, high and noise_floor only where
// they exist, and {"value":null,"reason":..,"n":..} for a value that cannot be computed.
void WriteStatistic(JsonWriter& json, const StatisticValue& statistic);

// Every statistic of `total` by name, as one object.
void WriteStatistics(JsonWriter& json, const Aggregate& total);

// The edges of a reliability bin as probabilities, to seven decimals.
double ReliabilityLower(int bin);
double ReliabilityUpper(int bin);

}  // namespace guardwatch
