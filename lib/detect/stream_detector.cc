#include "detect/stream_detector.h"

#include <algorithm>
#include <utility>

namespace guardwatch {
StreamDetector::StreamDetector(Baseline baseline, double threshold, Direction direction)
    : evidence_(std::move(baseline), direction), threshold_(AlarmThreshold::Of(threshold)) {}

std::optional<DriftAlarm> StreamDetector::Step(PaneIndex pane, Count count) {
  const bool stepped = evidence_.Step(pane, count, threshold_.Cap());
  if (!stepped || !(evidence() >= threshold())) return std::nullopt;
  const DriftAlarm alarm{
      pane,        evidence_.Leading(),       evidence(),
      threshold(), evidence_.LastQuietPane(), evidence_.state().evidence.Leading()};
  Reset(pane);
  return alarm;
}

void StreamDetector::Reset(PaneIndex pane) {
  evidence_.Reset(pane);
  threshold_.Reset();
}

bool StreamDetector::Restore(const DetectorState& state) {
  if (!evidence_.Restore(state.evidence)) return false;
  threshold_ = state.threshold;
  return true;
}

DelayQuestion StreamDetector::Delay() const {
  return {threshold(), std::max(1, evidence_.alternatives()), baseline().tempering,
          baseline().EventsPerStep()};
}

std::optional<double> StreamDetector::DetectableLift(Direction direction) const {
  const Direction watched = evidence_.direction();
  if (watched != Direction::kBoth && direction != watched) return std::nullopt;
  const Baseline& normal = baseline();
  const NullInterval null =
      MakeNullInterval(double(normal.total.n), double(normal.total.s), normal.tolerance);
  return SmallestDetectableLift(direction, normal.rate, null, normal.EventsPerDay(), Delay());
}

bool StreamDetector::Monitorable() const {
  for (const Direction direction : {Direction::kUp, Direction::kDown}) {
    const auto lift = DetectableLift(direction);
    if (lift && *lift <= kLargestUsefulLift) return true;
  }
  return false;
}

}  // namespace guardwatch
