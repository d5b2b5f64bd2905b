#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "window/pane.h"

namespace guardwatch {

// The Shiryaev-Roberts recursion on e-factors, one component per alternative:
//
//   R_k <- (1 + R_k) * factor_k,   M = mean of the R_k
//
// While nothing is wrong E[M after t steps] <= t, whatever the dependence between steps, streams or
// components. So a detector that alarms at M >= A runs A steps between false alarms on average, and
// alarms within n steps with probability at most n/A. Shin, Ramdas & Rinaldo, "E-detectors", arXiv
// 2203.03532. A value: the same panes give the same bits, on every machine.
struct Evidence {
  static constexpr int kComponents = 16;  // At most.

  int components = 0;
  std::int64_t steps = 0;                      // Since the last reset.
  std::array<double, kComponents> value{};     // R_k.
  std::array<PaneIndex, kComponents> quiet{};  // The last pane after which R_k was below 1.

  // As it is before its first step. `before`: the last pane that is known to be no part of it.
  static Evidence Start(int components, PaneIndex before);

  // One sealed pane: one log factor per component. R_k stops at `cap`, which keeps it finite and
  // changes no decision as long as cap / components is above the threshold.
  void Step(PaneIndex pane, std::span<const double> log_factors, double cap);

  double Mean() const;                     // M; 0 without components.
  double Mean(int first, int last) const;  // Of the components [first, last).
  int Leading() const;  // The component with the greatest R_k, the first on a tie.

  // Estimate of the change time: the last pane without the change, by the leading component.
  PaneIndex LastQuietPane() const { return quiet[static_cast<std::size_t>(Leading())]; }

  friend bool operator==(const Evidence&, const Evidence&) = default;
};

}  // namespace guardwatch
