#pragma once

#include <array>
#include <optional>

#include "detect/dispersion.h"
#include "detect/stream_detector.h"

namespace guardwatch {

// Two groups of the same traffic, without a history of either: a new model version beside the old
// one, a candidate beside the live one, a cohort that was never seen beside the rest. Evidence that
// their rates differ; a drift of both together is none. The claim that is tested is equality; how
// small a lasting difference may be found is set by the least lift: one below about its square root
// loses evidence instead of gathering it.
class TwoSampleEvidence {
 public:
  // What has been seen, for guesses about the next pane. Fixed before the pane, so the factor's
  // mean stays at most 1.
  struct State {
    Evidence evidence;
    Count pending_a;
    Count pending_b;
    BlockSums blocks_a;
    BlockSums blocks_b;
    bool started = false;

    friend bool operator==(const State&, const State&) = default;
  };

  // Panes that are only learned from, so that rate and dispersion can be guessed.
  static constexpr std::int64_t kFewestBlocks = 30;

  // Alternatives are the lifts of kLifts from `least_lift` on: group a is higher, or lower, or
  // both.
  explicit TwoSampleEvidence(double least_lift = kLifts.front(),
                             Direction direction = Direction::kBoth);

  // Counts of both groups in one sealed pane. Thin panes are joined until both groups together have
  // 20 events and each has one. Single alternatives stop at `cap`.
  void Step(PaneIndex pane, Count a, Count b, double cap);
  // Starts again from none; `pane` is the last one that is no part of what follows.
  void Reset(PaneIndex pane);

  double Mean() const { return state_.evidence.Mean(); }
  Direction Leading() const;  // kUp: group a is higher.
  int LeadingComponent() const { return state_.evidence.Leading(); }
  PaneIndex LastQuietPane() const { return state_.evidence.LastQuietPane(); }
  // The rate of group b so far; 0 before any event.
  double RateOfB() const;
  std::int64_t EventsOfB() const { return state_.blocks_b.n; }

  void Save(ByteWriter& out) const;
  bool Load(ByteReader& in);  // False if the record is damaged or of other alternatives.

  const State& state() const { return state_; }
  void Restore(const State& state) { state_ = state; }

 private:
  std::array<double, 2 * kLifts.size()> lifts_{};  // Rises of the odds of a first, then falls.
  int up_ = 0;
  int size_ = 0;
  State state_;
};

// The same held against a threshold: recursion and promise of StreamDetector.
class TwoSampleDetector {
 public:
  using State = TwoSampleEvidence::State;
  static constexpr std::int64_t kFewestBlocks = TwoSampleEvidence::kFewestBlocks;

  explicit TwoSampleDetector(double threshold, double least_lift = kLifts.front(),
                             Direction direction = Direction::kBoth);

  // As TwoSampleEvidence. After an alarm the evidence starts again at 0.
  std::optional<DriftAlarm> Step(PaneIndex pane, Count a, Count b);

  // When the budget is shared anew; see AlarmThreshold.
  void SetThreshold(double threshold) { threshold_.Set(threshold); }

  void Save(ByteWriter& out) const;
  bool Load(ByteReader& in);  // False if the record is damaged.

  double threshold() const { return threshold_.now; }
  double evidence() const { return evidence_.Mean(); }
  double RateOfB() const { return evidence_.RateOfB(); }
  std::int64_t EventsOfB() const { return evidence_.EventsOfB(); }
  const State& state() const { return evidence_.state(); }
  void Restore(const State& state) { evidence_.Restore(state); }

 private:
  AlarmThreshold threshold_;
  TwoSampleEvidence evidence_;
};

}  // namespace guardwatch
