#pragma once

#include <optional>

#include "detect/null_interval.h"
#include "detect/rate_alternatives.h"

namespace guardwatch {

// How long a change goes unseen. First-order: evidence must reach ln(threshold * components) and
// grows by relative entropy per event. Too optimistic for lifts below the smallest
// alternative, 1.2.

// KL(a, b) of two Bernoulli rates in nats; a in [0, 1], b in (0, 1).
double RelativeEntropy(double a, double b);

struct DelayQuestion {
  double threshold = 1;    // A, in steps.
  int components = 16;     // Alternatives that share the weight.
  double tempering = 1;    // T.
  double step_events = 0;  // Events per step; half a step is lost to waiting for its end.
};

// Expected events from a change of the rate to `rate` until the alarm. Nullopt if `rate` is inside
// the interval: then there is nothing to detect.
std::optional<double> ExpectedDelay(double rate, NullInterval null, const DelayQuestion& question);

// The smallest factor by which `rate` must rise (kUp) or fall (kDown) to be detected within
// `events` events on average. Nullopt if no change that is possible, or none up to a factor of 100,
// is.
std::optional<double> SmallestDetectableLift(Direction direction, double rate, NullInterval null,
                                             double events, const DelayQuestion& question);

// Above this a stream is not monitorable: a green light would mean nothing.
inline constexpr double kLargestUsefulLift = 5;

}  // namespace guardwatch
