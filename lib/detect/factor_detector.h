#pragma once

#include <optional>
#include <span>

#include "detect/stream_detector.h"

namespace guardwatch {

// The same recursion and promise as StreamDetector for any e-factors of detect/e_factors.h and
// detect/calibration_factor.h: one component per bet or change. The caller computes the log factors
// of a matured pane and steps; panes without data are left out.
class FactorDetector {
 public:
  struct State {
    Evidence evidence;
    bool started = false;

    friend bool operator==(const State&, const State&) = default;
  };

  FactorDetector(int components, double threshold);  // At most Evidence::kComponents.

  // Direction of alarms is kUp: a loss rose, an error rose, a calibration moved.
  std::optional<DriftAlarm> Step(PaneIndex pane, std::span<const double> log_factors);

  // When the budget is shared anew; see AlarmThreshold.
  void SetThreshold(double threshold) { threshold_.Set(threshold); }

  // False if the record is damaged or of another number of components.
  void Save(ByteWriter& out) const;
  bool Load(ByteReader& in);

  double threshold() const { return threshold_.now; }
  double evidence() const { return state_.evidence.Mean(); }
  // The component with most evidence: which bet, which calibration change.
  int leading() const { return state_.evidence.Leading(); }
  const State& state() const { return state_; }
  void Restore(const State& state) { state_ = state; }

 private:
  AlarmThreshold threshold_;
  State state_;
};

}  // namespace guardwatch
