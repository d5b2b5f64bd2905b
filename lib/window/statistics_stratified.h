#pragma once

#include <span>

#include "window/statistics.h"

// Labels are of what was reviewed, and reviewers see what looks suspicious. Post-stratification
// takes what is reviewed within a stratum, a bin of scores, to be a fair sample of what is scored
// there (Holt, Smith 1979), and weighs strata as the traffic has them. The flagged scores are taken
// to be the highest ones; what was not decided counts as passed.

namespace guardwatch {

struct StratifiedStatistics {
  StatisticValue prevalence;
  StatisticValue precision;
  StatisticValue recall;
  StatisticValue f1;
};

// Of the traffic that `cohorts` make up, with one stratum per cohort and bin of scores: right also
// where review prefers some cohorts. Strata with fewer than five labels join a neighbour of their
// cohort; cohorts with fewer are one, and with fewer still part of the last of the others.
StratifiedStatistics StratifyByCohort(std::span<const Aggregate* const> cohorts);

}  // namespace guardwatch
