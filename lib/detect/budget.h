#pragma once

#include <cstdint>
#include <string>

#include "window/pane.h"

namespace guardwatch {

inline constexpr Duration kBudgetHorizon = std::chrono::hours(24 * 30);

// What wants to raise alarms at the moment. Counts may grow while detectors run.
struct BudgetDemand {
  std::int64_t units = 1;       // Guardrails by source, category and variant.
  std::int64_t statistics = 1;  // Drift statistics per unit.
  std::int64_t versions = 1;    // Model versions that are live, of the unit with most.
  bool cohorts = false;         // Cohorts are watched too: half of the budget is theirs.

  friend bool operator==(const BudgetDemand&, const BudgetDemand&) = default;
};

// Spends one number, the expected false alarms in 30 days of everything together, as shares that
// add up to at most 1 for every demand. More units, statistics or versions make each share smaller,
// never the total larger; the price of twice as many detectors is ln 2 of evidence, about 4 % more
// delay.
class BudgetShares {
 public:
  // `false_alarms` > 0.
  explicit BudgetShares(double false_alarms, BudgetDemand demand = {});

  // Of one detector of the whole traffic of a unit: one statistic, one version.
  double Overall() const;
  // Of one cohort mixture: all cohorts of one dimension together, `dimensions` of them, one
  // statistic, one version. 0 without cohorts.
  double Cohorts(std::int64_t dimensions = 1) const;

  // The threshold A for a detector with `share` that steps once per pane: it alarms with
  // probability at most share * F/(1 + F) in 30 days, and, being reset after each alarm, at most
  // share * F times on average. `share` in (0, 1].
  double Threshold(double share, Duration pane_width = kPaneWidth) const;

  // How the budget is spent, for people.
  std::string Sentence() const;

  double false_alarms() const { return false_alarms_; }
  const BudgetDemand& demand() const { return demand_; }

 private:
  double false_alarms_;
  BudgetDemand demand_;
};

// What a detector that alarms at `threshold` may add to the false alarms of 30 days, stepping once
// per pane: r / (1 - r), r = steps / threshold. Threshold above the steps.
double FalseAlarmsPerHorizon(double threshold, Duration pane_width);

// Steps of one pane each in 30 days.
double StepsPerHorizon(Duration pane_width);

}  // namespace guardwatch
