#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "detect/stream_detector.h"

namespace guardwatch {

enum class WatchState : std::uint8_t { kLearning, kArmed, kNotMonitorable };
std::string_view ToString(WatchState state);  // learning, armed, not_monitorable.

// A stream from its first pane on: learns its baseline, then watches. The panes it learns from are
// not judged.
class StreamWatch {
 public:
  StreamWatch(BaselineOptions options, double threshold, Direction direction = Direction::kBoth);

  std::optional<DriftAlarm> Step(PaneIndex pane, Count count);
  void SetThreshold(double threshold);

  // The watch as it is. Load wants one with the same options that has seen nothing; false if the
  // record is damaged or of other options: then start with a new one.
  void Save(ByteWriter& out) const;
  bool Load(ByteReader& in);

  // kNotMonitorable is watched too; but no alarm there means little, so it is not to be shown as
  // healthy.
  WatchState state() const;
  std::optional<std::string> Missing() const { return missing_; }  // While learning.
  const StreamDetector* detector() const { return detector_ ? &*detector_ : nullptr; }

 private:
  BaselineOptions options_;
  BaselineLearner learner_;
  std::optional<std::string> missing_;
  double threshold_;
  Direction direction_;
  std::optional<StreamDetector> detector_;
};

}  // namespace guardwatch
