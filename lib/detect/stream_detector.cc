#include "detect/stream_detector.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace guardwatch {
namespace {

// Evidence beyond this many thresholds changes nothing.
constexpr double kCapInThresholds = 1e6;

// A side is watched in all slots or in none, so that components mean the same in every step.
Baseline WithCommonSides(Baseline baseline) {
  GUARDWATCH_CHECK(!baseline.null.empty());
  bool rise = true;
  bool fall = true;
  for (const NullInterval& null : baseline.null) {
    rise = rise && null.CanRise();
    fall = fall && null.CanFall();
  }
  for (NullInterval& null : baseline.null) {
    if (!rise) null.high = 1;
    if (!fall) null.low = 0;
  }
  return baseline;
}

}  // namespace

StreamDetector::StreamDetector(Baseline baseline, double threshold, Direction direction)
    : baseline_(WithCommonSides(std::move(baseline))),
      direction_(direction),
      alternatives_(baseline_.null[0], baseline_.tempering, direction) {
  GUARDWATCH_CHECK(threshold > 0);
  state_.threshold = threshold;
  state_.next_threshold = threshold;
  state_.evidence = Evidence::Start(alternatives_.size(), 0);
}

std::optional<DriftAlarm> StreamDetector::Step(PaneIndex pane, Count count) {
  GUARDWATCH_CHECK(0 <= count.s && count.s <= count.n);
  if (!std::exchange(state_.started, true)) {
    state_.evidence = Evidence::Start(alternatives_.size(), pane - 1);
  }
  const auto step = state_.pool.Add(count);
  if (!step) return std::nullopt;
  EnterSlot(pane);
  std::array<double, Evidence::kComponents> log_factors;
  state_.evidence.Step(pane, alternatives_.LogFactors(*step, log_factors),
                       kCapInThresholds * state_.threshold);
  if (!(evidence() >= state_.threshold)) return std::nullopt;
  const bool up = state_.evidence.Leading() < alternatives_.up();
  const DriftAlarm alarm{pane, up ? Direction::kUp : Direction::kDown, evidence(), state_.threshold,
                         state_.evidence.LastQuietPane()};
  Reset(pane);
  return alarm;
}

void StreamDetector::EnterSlot(PaneIndex pane) {
  const int slot = SlotOf(pane, baseline_.pane_width, baseline_.slots);
  if (slot == slot_) return;
  slot_ = slot;
  alternatives_ = RateAlternatives(baseline_.NullAt(pane), baseline_.tempering, direction_);
}

void StreamDetector::SetThreshold(double threshold) {
  GUARDWATCH_CHECK(threshold > 0);
  state_.next_threshold = threshold;
  state_.threshold = std::max(state_.threshold, threshold);
}

void StreamDetector::Reset(PaneIndex pane) {
  state_.evidence = Evidence::Start(alternatives_.size(), pane);
  state_.threshold = state_.next_threshold;
}

double StreamDetector::evidence_up() const { return state_.evidence.Mean(0, alternatives_.up()); }

double StreamDetector::evidence_down() const {
  return state_.evidence.Mean(alternatives_.up(), alternatives_.size());
}

DelayQuestion StreamDetector::Delay() const {
  return {state_.threshold, std::max(1, alternatives_.size()), baseline_.tempering,
          baseline_.EventsPerStep()};
}

std::optional<double> StreamDetector::DetectableLift(Direction direction) const {
  if (direction_ != Direction::kBoth && direction != direction_) return std::nullopt;
  const NullInterval null =
      MakeNullInterval(double(baseline_.total.n), double(baseline_.total.s), baseline_.tolerance);
  return SmallestDetectableLift(direction, baseline_.rate, null, baseline_.EventsPerDay(), Delay());
}

bool StreamDetector::Monitorable() const {
  for (const Direction direction : {Direction::kUp, Direction::kDown}) {
    const auto lift = DetectableLift(direction);
    if (lift && *lift <= kLargestUsefulLift) return true;
  }
  return false;
}

}  // namespace guardwatch
