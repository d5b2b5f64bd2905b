#pragma once

#include <cstdint>
#include <optional>

#include "detect/e_factors.h"

namespace guardwatch {

// Makes steps from panes: thin panes are joined until a step has at least `fewest` events. Panes
// without events move nothing; they would add 1 to the evidence each and make silence an alarm.
// When a step ends depends on the number of events only, so the promise holds.
struct StepPool {
  static constexpr std::int64_t kFewestEvents = 20;

  Count pending;

  // The step that ends with this pane, if one does.
  std::optional<Count> Add(Count pane, std::int64_t fewest = kFewestEvents) {
    pending.n += pane.n;
    pending.s += pane.s;
    if (pending.n == 0 || pending.n < fewest) return std::nullopt;
    const Count step = pending;
    pending = {};
    return step;
  }
  friend bool operator==(const StepPool&, const StepPool&) = default;
};

}  // namespace guardwatch
