#pragma once

#include <cstdint>

#include "detect/baseline.h"
#include "detect/evidence.h"
#include "detect/rate_alternatives.h"
#include "detect/step_pool.h"

namespace guardwatch {

// The evidence that one stream's rate has left its baseline's interval, from sealed panes. It
// decides nothing: a detector or a mixture of cohorts holds it against a threshold.
class RateEvidence {
 public:
  // All that it remembers; the baseline and the direction do not change.
  struct State {
    Evidence evidence;
    StepPool pool;
    bool started = false;

    friend bool operator==(const State&, const State&) = default;
  };

  explicit RateEvidence(Baseline baseline, Direction direction = Direction::kBoth);

  // Panes ascend and may leave gaps. True if the pane completed a step. Single alternatives stop at
  // `cap`.
  bool Step(PaneIndex pane, Count count, double cap);

  // The same step of a state that is kept elsewhere.
  void StepOther(State& state, PaneIndex pane, Count count, double cap);

  // Starts again from none; `pane` is the last one that is no part of what follows.
  void Reset(PaneIndex pane);

  double Mean() const { return state_.evidence.Mean(); }
  double Up() const { return UpOf(state_); }
  double Down() const { return DownOf(state_); }
  double UpOf(const State& state) const { return state.evidence.Mean(0, alternatives_.up()); }
  double DownOf(const State& state) const {
    return state.evidence.Mean(alternatives_.up(), alternatives_.size());
  }
  Direction Leading() const { return LeadingOf(state_); }  // kUp or kDown.
  Direction LeadingOf(const State& state) const;
  PaneIndex LastQuietPane() const { return state_.evidence.LastQuietPane(); }

  int alternatives() const { return alternatives_.size(); }
  Direction direction() const { return direction_; }
  const Baseline& baseline() const { return baseline_; }
  const State& state() const { return state_; }
  // False, and nothing happens, if the state is that of other alternatives.
  bool Restore(const State& state);

 private:
  void EnterSlot(PaneIndex pane);

  Baseline baseline_;
  Direction direction_;
  RateAlternatives alternatives_;
  int slot_ = 0;
  State state_;
};

}  // namespace guardwatch
