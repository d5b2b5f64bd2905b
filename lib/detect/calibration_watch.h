#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "detect/baseline.h"
#include "detect/calibration_factor.h"
#include "detect/dispersion.h"
#include "detect/factor_detector.h"
#include "detect/learning_period.h"
#include "detect/stream_watch.h"
#include "stats/reliability.h"

namespace guardwatch {

using BinCounts = std::array<Count, kReliabilityBins>;

// How often scores of each bin are positive, as it is normally.
struct CalibrationBaseline {
  Duration pane_width = kPaneWidth;
  BinCounts bins{};        // Labels of the reference, and the positive ones of them.
  PaneIndex first = 0;     // Of the panes that it was learned from,
  std::int64_t panes = 0;  // from the first to the last.
  double dispersion = 1;   // phi of panes, over all bins.
  double tempering = 1.25;

  std::int64_t Labels() const;
  friend bool operator==(const CalibrationBaseline&, const CalibrationBaseline&) = default;
};

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
  std::optional<std::string> Missing() const { return missing_; }  // While learning.
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
  LearningPeriod period_;
  std::optional<std::string> missing_;
  double threshold_;
  std::array<BlockSums, kReliabilityBins> learned_;
  std::optional<PaneIndex> first_;
  PaneIndex last_ = 0;
  std::optional<CalibrationBaseline> baseline_;
  std::vector<CalibrationLimits> limits_;
  std::optional<FactorDetector> detector_;

  std::int64_t Learned() const;
  CalibrationBaseline Learn() const;
  std::optional<std::string> StillMissing() const;
};

void WriteCalibrationBaseline(ByteWriter& out, const CalibrationBaseline& baseline);
CalibrationBaseline ReadCalibrationBaseline(ByteReader& in);

}  // namespace guardwatch
