#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "detect/calibration_baseline.h"
#include "detect/calibration_factor.h"
#include "detect/factor_detector.h"
#include "detect/learning_phase.h"
#include "detect/stream_watch.h"

namespace guardwatch {

// Whether positives are as frequent in each score bin as they were: learns its baseline, then
// watches for the changes of kCalibrationChanges, tempered.
class CalibrationWatch {
 public:
  CalibrationWatch(const BaselineOptions& options, double threshold, LearningPeriod period = {});

  std::optional<DriftAlarm> Step(PaneIndex pane, const BinCounts& counts);
  void SetThreshold(double threshold);

  // Takes a baseline in place of learning one. Only before the first step.
  void Arm(CalibrationBaseline baseline);

  // As those of StreamWatch.
  void Save(ByteWriter& out) const;
  bool Load(ByteReader& in);

  WatchState state() const;
  std::optional<std::string> Missing() const { return learning_.missing(); }  // While learning.
  bool PeriodShort() const { return learning_.period_short(); }
  const std::optional<CalibrationBaseline>& baseline() const { return baseline_; }
  double evidence() const { return detector_ ? detector_->evidence() : 0; }
  double threshold() const { return detector_ ? detector_->threshold() : threshold_; }

  // Whether labels as in `counts`, had the calibration moved by half in log-odds either way or had
  // scores become more or less extreme, would have been an alarm by now on average. So that silence
  // says something. False while learning.
  bool WouldHaveSeen(const BinCounts& counts) const;

 private:
  double ExpectedLog(const BinCounts& counts, CalibrationChange change) const;
  double Needed() const;

  BaselineOptions options_;
  LearningPhase<CalibrationLearner> learning_;
  double threshold_;
  std::optional<CalibrationBaseline> baseline_;
  std::vector<CalibrationLimits> limits_;
  std::optional<FactorDetector> detector_;
};

}  // namespace guardwatch
