#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "alert/book.h"
#include "detect/budget.h"
#include "detect/cohort_watch.h"
#include "detect/finding.h"
#include "monitor/options.h"
#include "monitor/snapshot.h"
#include "monitor/source_monitor.h"
#include "monitor/version_watch.h"

namespace guardwatch {

// What has drifted in a unit and still counts as drifted.
struct ActiveDrift {
  std::string_view stream;
  std::string version;
  std::string dimension;             // Of the cohorts; empty for the whole traffic.
  std::vector<NamedCohort> cohorts;  // That stand out, most evidence first.
  StreamAlarm alarm;                 // The latest.
  EventTime raised{};                // End of the pane of the first alarm.
  EventTime changed{};               // Estimate of when it began, by the first alarm.
  EventTime hot{};                   // When there last was half the evidence of an alarm.
};

// Watches every unit of a source for drift: one budget of false alarms for everything, one alert
// per unit and variant, however many of its statistics and cohorts drift. The alert resolves when
// none of them has had half the evidence of an alarm for a day.
class DriftWatch {
 public:
  DriftWatch(const MonitorOptions& options, const MonitoredSource& source)
      : options_(options), source_(source) {}

  // After a pane has been sealed, a coarse pane matured: in event-time order.
  void StepSealed(const SourceMonitor& source, EventTime now, WallTime wall, AlertBook& book);
  void StepMatured(const SourceMonitor& source, EventTime now, WallTime wall, AlertBook& book);

  // Units of this source that want to raise alarms, and all sources' together: what the budget is
  // shared among.
  BudgetDemand demand() const;
  void SetBudget(const BudgetShares& budget, Duration coarse);

  // Durable state: one record per unit and variant, and the way back, before any step. False: a
  // record that cannot be understood.
  void TakeChanges(StateChanges& out);
  bool Load(const StateRecord& record, Duration coarse);

  void AppendViews(std::vector<DriftView>& out) const;
  void AppendFindings(std::vector<Finding>& out) const;

 private:
  struct UnitId {
    UnitKey unit;
    Variant variant = Variant::kLive;
    friend auto operator<=>(const UnitId&, const UnitId&) = default;
  };
  struct Unit {
    std::map<std::string, std::unique_ptr<VersionWatch>> versions;
    // By stream and dimension; cohorts are watched over all versions.
    std::map<std::pair<std::string_view, std::string>, CohortWatch> cohorts;
    std::map<std::string, ActiveDrift> active;  // By KeyOf.
    bool alerting = false;
    bool changed = true;  // Since the last TakeChanges.
  };
  static std::string KeyOf(std::string_view stream, const std::string& version,
                           const std::string& dimension);
  static std::string KeyOf(const ActiveDrift& drift) {
    return KeyOf(drift.stream, drift.dimension.empty() ? drift.version : "", drift.dimension);
  }
  BudgetShares Budget() const;
  CohortWatch& CohortsOf(Unit& unit, std::string_view stream, const std::string& dimension,
                         Duration coarse);

  VersionWatch& WatchOf(const Series& series, Duration coarse);
  double CohortThreshold(const Unit& unit, Duration coarse) const;
  void StepCohorts(const SourceMonitor& source, PaneIndex pane);
  void Take(Unit& unit, const std::string& version, std::vector<StreamAlarm> alarms);
  void TakeCohorts(Unit& unit, std::string_view stream, const std::string& dimension,
                   const CohortAlarm& alarm, double usual, Duration coarse);
  void Forget(const SourceMonitor& source);
  void Cool(EventTime now);
  void UpdateAlerts(const SourceMonitor& source, EventTime now, WallTime wall, AlertBook& book);

  const MonitorOptions& options_;
  const MonitoredSource& source_;
  std::optional<BudgetShares> budget_;
  std::map<UnitId, Unit> units_;
  std::vector<UnitId> forgotten_;  // Since the last TakeChanges.
};

// The rule that a drift alert stands for in the alert book, and what the alert says.
const AlertRule& DriftRule();

}  // namespace guardwatch
