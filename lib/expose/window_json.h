#pragma once

#include "base/json_writer.h"
#include "expose/window_context.h"
#include "monitor/snapshot.h"
#include "window/series.h"
#include "window/statistics.h"

// Windows and panes as JSON, the same bytes from the daemon's API and from `guardwatchctl replay`.

namespace guardwatch {

// Which statistics an object lists. Lists of many guardrails are read often and have the headline
// ones; what is expensive is only computed for a whole that was asked for by name.
enum class StatisticSet : std::uint8_t { kHeadline, kAffordable, kAll };

// One complete window object. A whole top label has its confusion matrix, and macro averages with
// classes in `context`. Unless only headlines are asked for, reliability bins have their intervals,
// and `context` adds the reference and post-stratification.
void WriteWindow(JsonWriter& json, const SeriesKey& key, const WindowView& window,
                 StatisticSet set = StatisticSet::kAll, const WindowContext& context = {});

// One pane in the same shape, `"window":"pane"`, with its start, headline statistics and confusion
// matrix.
// `pane.window` is the pane's width.
void WritePane(JsonWriter& json, const SeriesKey& key, const WindowView& pane);

// The fields that name a series, into the object that is open: source, guardrail, category,
// model_version, variant, slice.
void WriteSeriesFields(JsonWriter& json, const SeriesKey& key);

// `{}` or `{"dimension":"value"}`.
void WriteSlice(JsonWriter& json, const Slice& slice);

// {"value":..,"low":..,"high":..,"noise_floor":..,"p":..,"n":..}; low to p only where they exist,
// and {"value":null,"reason":..,"n":..} for a value that cannot be computed.
void WriteStatistic(JsonWriter& json, const StatisticValue& statistic);

// The statistics of `total` by name, as one object.
void WriteStatistics(JsonWriter& json, const Aggregate& total, StatisticSet set);

// What 95 % intervals say of the positive rate of a bin, into the object that is open: mean_score,
// positive_rate, and [low, high] by Wilson and by Jeffreys. Nothing without labels.
void WriteBinRates(JsonWriter& json, const ReliabilityBin& bin);

// The edges of a reliability bin as probabilities, to seven decimals.
double ReliabilityLower(int bin);
double ReliabilityUpper(int bin);

}  // namespace guardwatch
