#pragma once

#include <algorithm>

#include "base/check.h"

namespace guardwatch {

// The threshold of a detector that runs while the budget is shared anew. A higher one holds at
// once, a lower one from the next reset: lowering it under evidence that was gathered before would
// break the promise.
struct AlarmThreshold {
  double now = 1;
  double next = 1;

  static AlarmThreshold Of(double threshold) {
    GUARDWATCH_CHECK(threshold > 0);
    return {threshold, threshold};
  }
  void Set(double threshold) {
    GUARDWATCH_CHECK(threshold > 0);
    next = threshold;
    now = std::max(now, threshold);
  }
  void Reset() { now = next; }

  // Where single alternatives stop: far enough above to change no decision, also if many cohorts
  // share the threshold, and finite.
  double Cap() const { return 1e6 * now; }

  friend bool operator==(const AlarmThreshold&, const AlarmThreshold&) = default;
};

}  // namespace guardwatch
