#include "detect/rate_evidence.h"

#include <array>
#include <utility>

#include "base/check.h"

namespace guardwatch {
namespace {

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

RateEvidence::RateEvidence(Baseline baseline, Direction direction)
    : baseline_(WithCommonSides(std::move(baseline))),
      direction_(direction),
      alternatives_(baseline_.null[0], baseline_.tempering, direction) {
  Reset(0);
}

bool RateEvidence::Step(PaneIndex pane, Count count, double cap) {
  GUARDWATCH_CHECK(0 <= count.s && count.s <= count.n);
  if (!std::exchange(state_.started, true)) Reset(pane - 1);
  const auto step = state_.pool.Add(count);
  if (!step) return false;
  EnterSlot(pane);
  std::array<double, Evidence::kComponents> log_factors;
  state_.evidence.Step(pane, alternatives_.LogFactors(*step, log_factors), cap);
  return true;
}

void RateEvidence::StepOther(State& state, PaneIndex pane, Count count, double cap) {
  std::swap(state, state_);
  Step(pane, count, cap);
  std::swap(state, state_);
}

void RateEvidence::EnterSlot(PaneIndex pane) {
  const int slot = SlotOf(pane, baseline_.pane_width, baseline_.slots);
  if (slot == slot_) return;
  slot_ = slot;
  alternatives_ = RateAlternatives(baseline_.NullAt(pane), baseline_.tempering, direction_);
}

bool RateEvidence::Restore(const State& state) {
  if (state.evidence.components != alternatives_.size()) return false;
  state_ = state;
  return true;
}

void RateEvidence::Reset(PaneIndex pane) {
  state_.evidence = Evidence::Start(alternatives_.size(), pane);
}

Direction RateEvidence::LeadingOf(const State& state) const {
  return state.evidence.Leading() < alternatives_.up() ? Direction::kUp : Direction::kDown;
}

}  // namespace guardwatch
