#include <algorithm>
#include <set>

#include "monitor/drift_watch.h"

// What drift detectors may spend of the budget of false alarms, and what they do spend.

namespace guardwatch {

BudgetShares DriftWatch::Budget() const {
  return budget_.value_or(BudgetShares(options_.drift.false_alarms_per_30d));
}

BudgetDemand DriftWatch::demand() const {
  BudgetDemand demand;
  demand.units = static_cast<std::int64_t>(units_.size());
  demand.statistics = DriftStatistics();
  demand.versions = 1;
  for (const auto& [id, unit] : units_) {
    demand.versions = std::max(demand.versions, static_cast<std::int64_t>(unit.versions.size()));
    demand.cohorts = demand.cohorts || !unit.cohorts.empty();
  }
  return demand;
}

void DriftWatch::SetBudget(const BudgetShares& budget, Duration coarse) {
  budget_ = budget;
  for (auto& [id, unit] : units_) {
    unit.changed = true;
    for (const auto& [version, watch] : unit.versions) watch->SetBudget(budget);
    const double threshold = CohortThreshold(unit, coarse);
    for (auto& [key, watch] : unit.cohorts) watch.SetThreshold(threshold);
  }
}

double DriftWatch::CohortThreshold(const Unit& unit, Duration coarse) const {
  const BudgetShares budget = Budget();
  std::set<std::string> dimensions;
  for (const auto& [key, watch] : unit.cohorts) dimensions.insert(key.second);
  const auto count = std::max<std::int64_t>(static_cast<std::int64_t>(dimensions.size()), 2);
  const double share = budget.demand().cohorts ? budget.Cohorts(count) : budget.Overall() / 2;
  return budget.Threshold(share, coarse);
}

double DriftWatch::Spent(Duration coarse) const {
  double spent = 0;
  for (const auto& [id, unit] : units_) {
    for (const auto& [version, watch] : unit.versions) spent += watch->Spent();
    for (const auto& [key, watch] : unit.cohorts) {
      spent += FalseAlarmsPerHorizon(watch.threshold(), coarse);
    }
  }
  return spent;
}

}  // namespace guardwatch
