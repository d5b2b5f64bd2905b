#pragma once

#include <string>
#include <vector>

#include "detect/stream_detector.h"
#include "detect/stream_watch.h"
#include "simulate_csv.h"
#include "simulate_options.h"

namespace guardwatch {

struct DataRun {
  WatchState state = WatchState::kLearning;
  std::string missing;  // While learning: what the reference lacks.
  Baseline baseline;
  double threshold = 0;
  std::optional<double> lift_up;  // Smallest that a day shows.
  std::optional<double> lift_down;
  std::vector<DriftAlarm> alarms;
  std::int64_t panes = 0;
  std::int64_t steps = 0;  // Since the last alarm.
  double evidence = 0;     // At the end.
};

// Learns from `reference`, then steps over `panes`. With a reference that is too short nothing is
// armed, and there are no alarms.
DataRun RunOnData(const SimulatedDetector& settings, const std::vector<PaneRow>& reference,
                  const std::vector<PaneRow>& panes);

std::string DataRunJson(const SimulatedDetector& settings, const DataRun& run);
std::string DataRunTable(const SimulatedDetector& settings, const DataRun& run);

}  // namespace guardwatch
