#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "detect/null_interval.h"
#include "detect/stream_watch.h"

namespace guardwatch {

// What decided about an alarm.
enum class DriftDetector : std::uint8_t {
  kBaseline,         // Evidence against the baseline.
  kTwoSample,        // Against the model version before, while there is no baseline.
  kKnownChange,      // Since a change of threshold or policy.
  kThresholdChange,  // By both thresholds, on the same requests.
};
inline constexpr int kDriftDetectors = 4;
std::string_view ToString(DriftDetector detector);

// What an alarm was judged by: the events of a stretch of time.
struct ReferencePeriod {
  EventTime from{};
  EventTime to{};
  std::int64_t events = 0;
  friend bool operator==(const ReferencePeriod&, const ReferencePeriod&) = default;
};

inline ReferencePeriod ReferenceOf(const Baseline& baseline) {
  return {PaneStart(baseline.first, baseline.pane_width),
          PaneStart(baseline.first + baseline.panes, baseline.pane_width), baseline.total.n};
}

// One alarm of one stream of a version.
struct StreamAlarm {
  std::string_view stream;
  DriftAlarm alarm;
  Duration pane_width{};  // Of the panes that the alarm counts in.
  double usual = 0;       // Rate or mean of the baseline; 0 for the calibration.
  std::string detail{};   // Which score ranges, for the distribution and the calibration.
  DriftDetector detector = DriftDetector::kBaseline;
  ReferencePeriod reference{};
  EventTime input_from{};  // The first event that it takes to come to this alarm.
};

// What a stream is doing, for readers.
struct StreamStatus {
  std::string_view stream;
  WatchState state = WatchState::kLearning;
  std::string missing;        // While learning: what is still needed.
  bool period_short = false;  // It learns no more: the configured period had too little.
  double usual = 0;
  NullInterval unchanged;
  ReferencePeriod reference;
  double dispersion = 1;
  double tolerance = 0;
  double evidence = 0;
  double threshold = 0;
  std::optional<double> detectable_rise;  // Smallest factor seen within a day.
  std::optional<double> detectable_fall;
};

}  // namespace guardwatch
