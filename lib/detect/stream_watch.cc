#include "detect/stream_watch.h"

#include "detect/record.h"

namespace guardwatch {

namespace {

// Whether any event had been learned from, by the record of a LearningPhase<BaselineLearner>.
bool HoldsEvents(ByteReader in) {
  ReadPeriod(in);
  ReadCount(in);  // Events that wait for a step.
  return ReadCount(in).n > 0 && !in.bad();
}

}  // namespace

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
      learning_(BaselineLearner(options), period, options.pane_width),
      threshold_(threshold),
      direction_(direction) {}

void StreamWatch::Arm(Baseline baseline) {
  detector_.emplace(std::move(baseline), threshold_, direction_);
  learning_.End(BaselineLearner());
}

std::optional<DriftAlarm> StreamWatch::Step(PaneIndex pane, Count count) {
  if (!detector_) {
    using Turn = LearningPhase<BaselineLearner>::Turn;
    const Turn turn = learning_.Step(pane, count.n > 0, count);
    if (turn != Turn::kGoesOn) Arm(learning_.Learn());
    if (turn != Turn::kEndedBeforeThis) return std::nullopt;
  }
  return detector_->Step(pane, count);
}

void StreamWatch::SetThreshold(double threshold) {
  threshold_ = threshold;
  if (detector_) detector_->SetThreshold(threshold);
}

void StreamWatch::Save(ByteWriter& out) const {
  out.Bool(detector_.has_value());
  if (!detector_) return learning_.Save(out);
  WriteBaseline(out, detector_->baseline());
  const DetectorState state = detector_->state();
  WriteRateState(out, state.evidence);
  WriteThreshold(out, state.threshold);
}

bool StreamWatch::Load(ByteReader& in) {
  if (!in.Bool()) {
    const LearningPhase<BaselineLearner> fresh = learning_;
    const bool any = HoldsEvents(in);
    if (learning_.Load(in)) return true;
    // Of other options; but where nothing had been learned, nothing is lost.
    learning_ = fresh;
    return !any && !in.bad();
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
  learning_.End(BaselineLearner());
  return true;
}

WatchState StreamWatch::state() const {
  if (!detector_) return WatchState::kLearning;
  return detector_->Monitorable() ? WatchState::kArmed : WatchState::kNotMonitorable;
}

}  // namespace guardwatch
