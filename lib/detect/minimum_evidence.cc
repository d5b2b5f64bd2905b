#include "detect/minimum_evidence.h"

#include <algorithm>

namespace guardwatch {

bool EnoughToName(const CohortChange& change, const BetaPrior& prior) {
  constexpr std::int64_t kEvents = 50;
  constexpr double kRarerOutcomes = 5;
  constexpr std::int64_t kPanes = 2;
  constexpr std::int64_t kSessions = 3;
  const Count& since = change.since;
  if (since.n < kEvents || change.panes < kPanes) return false;
  if (change.sessions && *change.sessions < kSessions) return false;
  const double seen = double(std::min(since.s, since.n - since.s));
  const double expected = double(since.n) * std::min(change.usual_rate, 1.0 - change.usual_rate);
  if (std::max(seen, expected) < kRarerOutcomes) return false;
  return change.direction == Direction::kUp ? ShrunkLowerBound(since, prior) > change.null.high
                                            : ShrunkUpperBound(since, prior) < change.null.low;
}

}  // namespace guardwatch
