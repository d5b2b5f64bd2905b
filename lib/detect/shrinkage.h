#pragma once

#include <span>

#include "detect/e_factors.h"

namespace guardwatch {

// A Beta(a, b) distribution of the rates of many groups: what one group's rate is believed to be
// before its own events are seen.
struct BetaPrior {
  double a = 0.5;
  double b = 0.5;
  double intraclass = 0;  // Correlation of two events of one group, 1 / (a + b + 1).

  double Weight() const { return a + b; }  // In events.
};

// Moment estimate from the groups' counts; groups without events do not count. With fewer than five
// groups, or groups that differ too little or too much for an estimate, 50 events' worth around the
// common rate. Kleinman (1973), JASA 68:46-54. At least one event.
BetaPrior EstimatePrior(std::span<const Count> groups);

// Posterior mean of the group's rate.
double ShrunkRate(Count group, const BetaPrior& prior);

// The rate that the group's is above (below) with probability `level`, e.g. 0.95. In (0, 1).
double ShrunkLowerBound(Count group, const BetaPrior& prior, double level = 0.95);
double ShrunkUpperBound(Count group, const BetaPrior& prior, double level = 0.95);

}  // namespace guardwatch
