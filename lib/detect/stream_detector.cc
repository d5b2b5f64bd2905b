#include "detect/stream_detector.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace guardwatch {
namespace {

// Evidence beyond this many thresholds changes nothing.
constexpr double kCapInThresholds = 1e6;

}  // namespace

StreamDetector::StreamDetector(Baseline baseline, double threshold, Direction direction)
    : evidence_(std::move(baseline), direction), threshold_(threshold), next_threshold_(threshold) {
  GUARDWATCH_CHECK(threshold > 0);
}

std::optional<DriftAlarm> StreamDetector::Step(PaneIndex pane, Count count) {
  const bool stepped = evidence_.Step(pane, count, kCapInThresholds * threshold_);
  if (!stepped || !(evidence() >= threshold_)) return std::nullopt;
  const DriftAlarm alarm{pane, evidence_.Leading(), evidence(), threshold_,
                         evidence_.LastQuietPane()};
  Reset(pane);
  return alarm;
}

void StreamDetector::SetThreshold(double threshold) {
  GUARDWATCH_CHECK(threshold > 0);
  next_threshold_ = threshold;
  threshold_ = std::max(threshold_, threshold);
}

void StreamDetector::Reset(PaneIndex pane) {
  evidence_.Reset(pane);
  threshold_ = next_threshold_;
}

bool StreamDetector::Restore(const DetectorState& state) {
  if (!evidence_.Restore(state.evidence)) return false;
  threshold_ = state.threshold;
  next_threshold_ = state.next_threshold;
  return true;
}

DelayQuestion StreamDetector::Delay() const {
  return {threshold_, std::max(1, evidence_.alternatives()), baseline().tempering,
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
