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

StreamWatch::StreamWatch(BaselineOptions options, double threshold, Direction direction,
                         LearningPeriod period)
    : options_(options),
      learner_(options),
      period_(period),
      missing_(learner_.Missing()),
      threshold_(threshold),
      direction_(direction) {}

void StreamWatch::Arm(Baseline baseline) {
  detector_.emplace(std::move(baseline), threshold_, direction_);
  learner_ = BaselineLearner();  // Gives its memory back.
  missing_.reset();
}

std::optional<DriftAlarm> StreamWatch::Step(PaneIndex pane, Count count) {
  if (!detector_ && period_ && period_.After(pane, options_.pane_width)) {
    if (!learner_.Any()) {
      period_ = {};  // Nothing was there in the period: it is learned from now on.
    } else if (learner_.EnoughToTake()) {
      Arm(learner_.Learn());
    } else {
      missing_ = period_.Text() + " had only " + learner_.Missing().value_or("one step");
      return std::nullopt;
    }
  }
  if (detector_) return detector_->Step(pane, count);
  if (period_ && (count.n == 0 || period_.Before(pane, options_.pane_width))) return std::nullopt;
  learner_.Add(pane, count);
  missing_ = learner_.Missing();
  if (period_) missing_ = "the end of " + period_.Text();
  if (!missing_) Arm(learner_.Learn());
  return std::nullopt;
}

void StreamWatch::SetThreshold(double threshold) {
  threshold_ = threshold;
  if (detector_) detector_->SetThreshold(threshold);
}

void StreamWatch::Save(ByteWriter& out) const {
  out.Bool(detector_.has_value());
  if (!detector_) {
    out.Bool(static_cast<bool>(period_));
    return learner_.Save(out);
  }
  WriteBaseline(out, detector_->baseline());
  const DetectorState state = detector_->state();
  WriteRateState(out, state.evidence);
  WriteThreshold(out, state.threshold);
}

bool StreamWatch::Load(ByteReader& in) {
  if (!in.Bool()) {
    if (!in.Bool()) period_ = {};
    learner_.Load(in);
    missing_ = learner_.Missing();
    if (period_) missing_ = "the end of " + period_.Text();
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
