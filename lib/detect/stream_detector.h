#pragma once

#include <cstdint>
#include <optional>

#include "detect/alarm_threshold.h"
#include "detect/baseline.h"
#include "detect/delay.h"
#include "detect/rate_evidence.h"

namespace guardwatch {

struct DriftAlarm {
  PaneIndex pane = 0;                    // The sealed pane that completed the evidence.
  Direction direction = Direction::kUp;  // kUp or kDown: of the leading alternative.
  double evidence = 0;                   // M, at least the threshold.
  double threshold = 0;                  // A.
  PaneIndex change_pane = 0;             // Estimate: the last pane without the change.
  int component = 0;  // The leading alternative: which lift, bet or calibration change.
};

// All that a detector remembers. Two detectors with the same baseline and state give the same
// alarms for the same panes, to the bit.
struct DetectorState {
  RateEvidence::State evidence;
  AlarmThreshold threshold;

  friend bool operator==(const DetectorState&, const DetectorState&) = default;
};

// Watches one rate of one stream, pane by pane, for as long as it takes, and keeps a false-alarm
// budget: at most one alarm per `threshold` steps on average while the rate stays inside its
// baseline's interval, for any traffic volume. One per (unit, model version, statistic); a new
// model version gets a new detector. One owner.
class StreamDetector {
 public:
  StreamDetector(Baseline baseline, double threshold, Direction direction = Direction::kBoth);

  // A sealed pane; panes ascend and may leave gaps. After an alarm the evidence starts again at 0.
  std::optional<DriftAlarm> Step(PaneIndex pane, Count count);

  // When the budget is shared anew; see AlarmThreshold.
  void SetThreshold(double threshold) { threshold_.Set(threshold); }

  // Starts again from no evidence, as after an acknowledged alarm.
  void Reset(PaneIndex pane);

  double evidence() const { return evidence_.Mean(); }
  double evidence_up() const { return evidence_.Up(); }
  double evidence_down() const { return evidence_.Down(); }
  double threshold() const { return threshold_.now; }
  const Baseline& baseline() const { return evidence_.baseline(); }

  DetectorState state() const { return {evidence_.state(), threshold_}; }
  bool Restore(const DetectorState& state);  // False if it is that of another kind of detector.

  // For ExpectedDelay and SmallestDetectableLift.
  DelayQuestion Delay() const;

  // The smallest rise or fall of the overall rate seen within a day on average; nullopt if none is.
  std::optional<double> DetectableLift(Direction direction) const;
  // Whether any change by at most the factor 5, in a direction that is watched, is seen within a
  // day.
  bool Monitorable() const;

 private:
  RateEvidence evidence_;
  AlarmThreshold threshold_;
};

}  // namespace guardwatch
