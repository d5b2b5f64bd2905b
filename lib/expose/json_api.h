#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "expose/rollup.h"
#include "expose/self_metrics.h"
#include "monitor/history.h"
#include "monitor/snapshot.h"
#include "window/statistics.h"

// The bodies of the JSON API, as pure functions of what they show. Names are snake_case, times
// RFC 3339 in UTC; every number comes with its n and, where there is one, its interval.

namespace guardwatch {

// Sources with their watermarks and logs, receivers, queues, limits.
std::string StatusJson(const Snapshot& snapshot, const SelfMetrics& self);

// One object per unit and variant: its verdict, statistics over each window of the whole (summed
// over model versions), alerts, findings, epochs. `filter.slice` and `.model_version` are not
// looked at.
std::string GuardrailsJson(const Snapshot& snapshot, const SeriesFilter& filter);

// The headline statistics of `windows`.
std::string WindowsJson(const std::vector<WindowRef>& windows);
// All statistics of those of `windows` that the query asks for: it names a guardrail. The others
// are what they are looked at beside.
std::string DetailedWindowsJson(const std::vector<WindowRef>& windows, const WindowQuery& query);

// The four below are summed over the model versions in `windows`.
std::string HistogramJson(const std::vector<WindowRef>& windows);
std::string ReliabilityJson(const std::vector<WindowRef>& windows);
std::string CurvesJson(const std::vector<WindowRef>& windows);  // ROC and precision-recall.
// With rates shrunk towards those of the dimension's other values. One object per value; wholes are
// left out. An empty `dimension` means all of them.
// `drift`: where the dispersion of decisions is known from.
std::string CohortsJson(const std::vector<WindowRef>& windows, std::string_view dimension,
                        const std::vector<DriftView>& drift);

std::string SeriesJson(const std::vector<SeriesHistory>& histories, const Statistic& statistic);

struct AlertFilter {
  SeriesFilter series;  // Source, guardrail, category, variant are looked at.
  std::string state;    // Empty: any.
};
std::string AlertsJson(const Snapshot& snapshot, const AlertFilter& filter);

std::string FindingsJson(const Snapshot& snapshot, const SeriesFilter& filter);

// What each drift detector holds for normal, how much evidence against it there is, and what it can
// see at all; and how the budget of false alarms is spent. `whole`: and the baselines themselves,
// which are long.
std::string BaselinesJson(const Snapshot& snapshot, const SeriesFilter& filter, bool whole);

// The fields that name a rolled-up window, into the object that is open.
void WriteRolledFields(JsonWriter& json, const RolledWindow& rolled);

// {"error":{"code":..,"message":..}}
std::string ErrorJson(std::string_view code, std::string_view message);

}  // namespace guardwatch
