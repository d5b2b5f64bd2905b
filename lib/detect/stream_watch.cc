#include "detect/stream_watch.h"

#include "detect/record.h"

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
    : options_(options),
      learner_(options),
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

void StreamWatch::Save(ByteWriter& out) const {
  out.Bool(detector_.has_value());
  if (!detector_) return learner_.Save(out);
  WriteBaseline(out, detector_->baseline());
  const DetectorState state = detector_->state();
  WriteRateState(out, state.evidence);
  WriteThreshold(out, state.threshold);
}

bool StreamWatch::Load(ByteReader& in) {
  if (!in.Bool()) {
    learner_.Load(in);
    missing_ = learner_.Missing();
    return !in.bad();
  }
  Baseline baseline = ReadBaseline(in);
  DetectorState state;
  state.evidence = ReadRateState(in);
  state.threshold = ReadThreshold(in);
  const bool same = baseline.pane_width == options_.pane_width && baseline.slots == options_.slots;
  if (in.bad() || !same) return false;
  detector_.emplace(std::move(baseline), threshold_, direction_);
  if (!detector_->Restore(state)) return false;
  // What the budget says now, under the rule for changes of it.
  detector_->SetThreshold(threshold_);
  missing_.reset();
  return true;
}

WatchState StreamWatch::state() const {
  if (!detector_) return WatchState::kLearning;
  return detector_->Monitorable() ? WatchState::kArmed : WatchState::kNotMonitorable;
}

}  // namespace guardwatch
