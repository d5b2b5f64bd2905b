#pragma once

#include <cstdint>
#include <optional>

#include "detect/null_interval.h"
#include "detect/rate_alternatives.h"
#include "detect/shrinkage.h"

namespace guardwatch {

// What is known of a cohort since its rate seems to have changed.
struct CohortChange {
  Direction direction = Direction::kUp;
  Count since;                           // Events since the change.
  std::int64_t panes = 0;                // With events, since the change.
  std::optional<std::int64_t> sessions;  // Distinct ones, where events carry a session.
  double usual_rate = 0;
  NullInterval null;
};

// Whether that is enough to name the cohort to a person, who will look for a reason: 50 events, 5
// of the rarer outcome seen or expected, from 2 panes and 3 sessions, and a rate that is outside
// the interval with 95 % even if it is shrunk towards the rates of all cohorts. Statistical
// selection comes on top.
bool EnoughToName(const CohortChange& change, const BetaPrior& prior);

}  // namespace guardwatch
