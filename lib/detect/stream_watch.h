#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "detect/learning_phase.h"
#include "detect/stream_detector.h"

namespace guardwatch {

enum class WatchState : std::uint8_t { kLearning, kArmed, kNotMonitorable };
std::string_view ToString(WatchState state);  // learning, armed, not_monitorable.

// A stream from its first pane on: learns its baseline, then watches. The panes it learns from are
// not judged. With a learning period, those in it are learned from and taken as they are from 200
// events on, those before it are passed over; where nothing was there, learning begins after it.
class StreamWatch {
 public:
  StreamWatch(BaselineOptions options, double threshold, Direction direction = Direction::kBoth,
              LearningPeriod period = {});

  std::optional<DriftAlarm> Step(PaneIndex pane, Count count);
  void SetThreshold(double threshold);

  // Takes a baseline in place of learning one. Only before the first step.
  void Arm(Baseline baseline);

  // The watch as it is. Load wants one with the same options that has seen nothing; false if the
  // record is damaged or of other options: then start with a new one.
  void Save(ByteWriter& out) const;
  bool Load(ByteReader& in);

  // kNotMonitorable is watched too; but no alarm there means little, so it is not to be shown as
  // healthy.
  WatchState state() const;
  std::optional<std::string> Missing() const { return learning_.missing(); }  // While learning.
  bool PeriodShort() const { return learning_.period_short(); }
  const StreamDetector* detector() const { return detector_ ? &*detector_ : nullptr; }

 private:
  BaselineOptions options_;
  LearningPhase<BaselineLearner> learning_;
  double threshold_;
  Direction direction_;
  std::optional<StreamDetector> detector_;
};

}  // namespace guardwatch
