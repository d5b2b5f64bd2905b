#pragma once

#include <optional>
#include <span>
#include <string>

#include "detect/factor_detector.h"
#include "detect/learning_phase.h"
#include "detect/mean_baseline.h"
#include "detect/stream_watch.h"

namespace guardwatch {

// The mean of a non-negative quantity per event from its first pane on: learns its baseline, then
// watches for a rise, with the mixture of LogMeanFactor over all bets, tempered. Panes without
// events move nothing.
class MeanWatch {
 public:
  // `least_margin`: as that of MeanLearner.
  MeanWatch(const BaselineOptions& options, double threshold, double least_margin = 0,
            LearningPeriod period = {});

  std::optional<DriftAlarm> Step(PaneIndex pane, std::span<const WeightedValue> values);
  void SetThreshold(double threshold);

  // Takes a baseline in place of learning one. Only before the first step.
  void Arm(MeanBaseline baseline);

  // As those of StreamWatch.
  void Save(ByteWriter& out) const;
  bool Load(ByteReader& in);

  WatchState state() const;
  std::optional<std::string> Missing() const { return learning_.missing(); }  // While learning.
  bool PeriodShort() const { return learning_.period_short(); }
  const std::optional<MeanBaseline>& baseline() const { return baseline_; }
  double evidence() const { return detector_ ? detector_->evidence() : 0; }
  double threshold() const { return detector_ ? detector_->threshold() : threshold_; }
  // The smallest factor by which the mean must rise to be seen within a day on average; nullopt if
  // no rise up to a factor of 100 is.
  std::optional<double> DetectableRise() const;

 private:
  BaselineOptions options_;
  LearningPhase<MeanLearner> learning_;
  double threshold_;
  std::optional<MeanBaseline> baseline_;
  std::optional<FactorDetector> detector_;
};

}  // namespace guardwatch
