#pragma once

#include <cstdint>
#include <optional>

#include "detect/baseline.h"
#include "detect/budget.h"
#include "detect/rate_alternatives.h"

namespace guardwatch {

// What both forms of `guardwatchctl simulate` share: the detector as it would be configured.
struct SimulatedDetector {
  double false_alarms_per_30d = 1;
  std::int64_t streams = 1;  // Detectors that share the budget equally.
  Duration pane_width = kPaneWidth;
  Direction direction = Direction::kBoth;
  SlotScheme slots = SlotScheme::kConstant;

  std::optional<double> fixed_threshold;  // Instead of the one that follows from the budget.

  double Threshold() const {
    if (fixed_threshold) return *fixed_threshold;
    return BudgetShares(false_alarms_per_30d, {.units = streams, .statistics = 1, .versions = 1})
        .Threshold(1.0 / double(streams), pane_width);
  }
  // A reference that is given is taken as it is, however short.
  BaselineOptions Learning() const {
    BaselineOptions options;
    options.pane_width = pane_width;
    options.slots = slots;
    options.fewest_steps = 1;
    options.fewest_panes = 0;
    options.fewest_cycles = 1;
    return options;
  }
};

}  // namespace guardwatch
