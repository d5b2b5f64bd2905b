#pragma once

#include <array>
#include <optional>

#include "detect/dispersion.h"
#include "detect/stream_detector.h"

namespace guardwatch {

// Two groups of the same traffic, without a history of either: a new model version beside the old
// one, a candidate beside the live one, a cohort that was never seen beside the rest. Evidence that
// their rates differ; a drift of both together is none. Same recursion and threshold as
// StreamDetector. The claim that is tested is equality: groups that have always differed a little
// will be found to differ.
class TwoSampleDetector {
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

  explicit TwoSampleDetector(double threshold);

  // Counts of both groups in one sealed pane. kUp: group a is higher. Thin panes are joined until
  // both groups together have 20 events and each has one.
  std::optional<DriftAlarm> Step(PaneIndex pane, Count a, Count b);

  // When the budget is shared anew; see AlarmThreshold.
  void SetThreshold(double threshold) { threshold_.Set(threshold); }

  void Save(ByteWriter& out) const;
  bool Load(ByteReader& in);  // False if the record is damaged.

  double threshold() const { return threshold_.now; }
  double evidence() const { return state_.evidence.Mean(); }
  const State& state() const { return state_; }
  void Restore(const State& state) { state_ = state; }

 private:
  AlarmThreshold threshold_;
  State state_;
};

}  // namespace guardwatch
