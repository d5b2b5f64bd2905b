#include "detect/stream_watch.h"

namespace guardwatch {

std::string_view ToString(WatchState state) {
  switch (state) {
    case WatchState::kLearning:
      return "learning";
    case WatchState::kArmed:
      return "armed";
    case WatchState::kNotMonitorable:
      return "not_monitorable";
  }
  return "";
}

StreamWatch::StreamWatch(BaselineOptions options, double threshold, Direction direction)
    : learner_(options),
      missing_(learner_.Missing()),
      threshold_(threshold),
      direction_(direction) {}

std::optional<DriftAlarm> StreamWatch::Step(PaneIndex pane, Count count) {
  if (detector_) return detector_->Step(pane, count);
  learner_.Add(pane, count);
  missing_ = learner_.Missing();
  if (!missing_) {
    detector_.emplace(learner_.Learn(), threshold_, direction_);
    learner_ = BaselineLearner();  // Gives its memory back.
  }
  return std::nullopt;
}

void StreamWatch::SetThreshold(double threshold) {
  threshold_ = threshold;
  if (detector_) detector_->SetThreshold(threshold);
}

WatchState StreamWatch::state() const {
  if (!detector_) return WatchState::kLearning;
  return detector_->Monitorable() ? WatchState::kArmed : WatchState::kNotMonitorable;
}

}  // namespace guardwatch
