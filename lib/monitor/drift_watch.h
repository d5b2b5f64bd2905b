#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
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

// What labels, once they are in, say about a drift that showed without them.
enum class DriftVerdict : std::uint8_t {
  kOpen,       // Nothing yet.
  kConfirmed,  // They match the scores less than before.
  kWithdrawn,  // They match as before: the traffic changed, not the classifier.
};
inline constexpr int kDriftVerdicts = 3;
std::string_view ToString(DriftVerdict verdict);

// What has drifted in a unit and still counts as drifted.
struct ActiveDrift {
  std::string_view stream;
  std::string version;
  std::string dimension;             // Of the cohorts; empty for the whole traffic.
  std::vector<NamedCohort> cohorts;  // That stand out, most evidence first.
  StreamAlarm alarm;                 // The latest.
  // On the clock of its panes: sealed ones count when they end, matured ones when nothing can be
  // added to them any more. So the times follow from the events, however they are read.
  EventTime raised{};   // When the first alarm was.
  EventTime hot{};      // When there last was half the evidence of an alarm.
  EventTime changed{};  // Estimate of when it began, by the first alarm.
  DriftVerdict verdict = DriftVerdict::kOpen;
  EventTime judged{};       // When labels said so,
  std::int64_t labels = 0;  // from so many of them since the change.

  // Whether it holds its alert up. What was withdrawn does so for `quiet` more, whatever evidence
  // gathers meanwhile, and is only remembered after that.
  bool Counts(EventTime now, Duration quiet) const {
    return verdict != DriftVerdict::kWithdrawn || now - judged < quiet;
  }
  // When it does so for the last time, as far as is known.
  EventTime Ends(Duration quiet) const {
    return (verdict == DriftVerdict::kWithdrawn ? std::min(hot, judged) : hot) + quiet;
  }
};

// One alert while it is raised.
struct DriftEpisode {
  bool alerting = false;
  EventTime began{};  // When the first of what drifts was raised.
  EventTime ended{};  // When the last of what does not count any more ended.
};

// Watches every unit of a source for drift: one budget of false alarms for everything, one alert
// per unit and variant, however many of its statistics and cohorts drift. The alert resolves when
// none of them has had half the evidence of an alarm for a day. Labels that mature later confirm or
// withdraw what showed without them. Labels that stay away are one alert for the whole source: they
// come by one road, and it is there that something has to be done.
class DriftWatch {
 public:
  DriftWatch(const MonitorOptions& options, const MonitoredSource& source)
      : options_(options), source_(source) {}

  // After a pane has been sealed, a coarse pane matured: in event-time order.
  void StepSealed(const SourceMonitor& source, EventTime now, WallTime wall, AlertBook& book);
  void StepMatured(const SourceMonitor& source, EventTime now, WallTime wall, AlertBook& book);

  // Brings what alerts say, and the evidence behind them, up to what has been stepped. It takes
  // sums over all that is kept since the change, so it is for when somebody reads it.
  void Describe(const SourceMonitor& source, AlertBook& book);

  // Units of this source that want to raise alarms, and all sources' together: what the budget is
  // shared among.
  BudgetDemand demand() const;
  void SetBudget(const BudgetShares& budget, Duration coarse);

  // Durable state: one record per unit and variant, and the way back, before any step. False: a
  // record that cannot be understood.
  void TakeChanges(StateChanges& out);
  bool Load(const StateRecord& record, Duration coarse);

  // The false alarms in 30 days that all thresholds as they are now allow at most.
  double Spent(Duration coarse) const;

  void AppendViews(std::vector<DriftView>& out) const;
  void AppendFindings(std::vector<Finding>& out) const;
  void AppendBaselines(std::vector<std::shared_ptr<const BaselineSet>>& out) const;
  void AppendEvidence(std::vector<DriftEvidence>& out) const;
  const std::vector<DriftEvidence>& alarms() const { return alarms_; }  // All; only in a replay.

 private:
  bool LoadWhole(std::string_view value);  // The record of the source.
  struct UnitId {
    UnitKey unit;
    Variant variant = Variant::kLive;
    friend auto operator<=>(const UnitId&, const UnitId&) = default;
  };
  struct Unit {
    std::map<std::string, std::unique_ptr<VersionWatch>> versions;
    // By stream and dimension; cohorts are watched over all versions.
    std::map<std::pair<std::string_view, std::string>, CohortWatch> cohorts;
    // Cohorts whose saved state was of other options and that therefore learn once more.
    std::set<std::pair<std::string_view, std::string>> anew;
    std::map<std::string, ActiveDrift> active;  // By KeyOf.
    DriftEpisode episode;
    bool changed = true;                  // Since the last TakeChanges.
    bool stale = true;                    // Stepped since its alert was last described.
    std::vector<DriftEvidence> evidence;  // Of the alert, the latest.
  };
  static std::string KeyOf(std::string_view stream, const std::string& version,
                           const std::string& dimension);
  static std::string KeyOf(const ActiveDrift& drift) {
    return KeyOf(drift.stream, drift.dimension.empty() ? drift.version : "", drift.dimension);
  }
  BudgetShares Budget() const;
  CohortWatch& CohortsOf(Unit& unit, std::string_view stream, const std::string& dimension,
                         Duration coarse);

  VersionWatch& WatchOf(const Series& series, PaneIndex fine_pane, Duration coarse);
  const BaselineSet* GivenFor(const SeriesKey& key) const;
  const Aggregate* Partner(const SourceMonitor& source, const SeriesKey& key, VersionWatch& watch,
                           PaneIndex pane, bool matured, EventTime oldest, Aggregate& room) const;
  double CohortThreshold(const Unit& unit, Duration coarse) const;
  void StepCohorts(const SourceMonitor& source, PaneIndex pane);
  void Take(const SourceMonitor& source, const SeriesKey& key, std::vector<StreamAlarm> alarms);
  void TakeCohorts(const SourceMonitor& source, const UnitId& id, std::string_view stream,
                   const std::string& dimension, const CohortAlarm& alarm, double usual);
  void Judge(const SourceMonitor& source, EventTime now);
  void JudgeUnit(const SourceMonitor& source, const UnitId& id, Unit& unit, EventTime now);
  static AlertLabels LabelsOf(const UnitId& id);
  AlertLabels OutageLabels() const;
  void AppendUnusedBaselines(std::vector<Finding>& out) const;
  void AppendLearnedAnew(std::vector<Finding>& out) const;
  void AppendShortPeriods(std::vector<Finding>& out) const;
  DriftEvidence EvidenceOf(const SourceMonitor& source, const UnitId& id,
                           const ActiveDrift& drift) const;
  void Forget(const SourceMonitor& source);
  // The clock of a drift's panes.
  EventTime NowOf(const ActiveDrift& drift) const {
    return IsLabelBased(drift.stream) ? matured_at_ : sealed_at_;
  }
  void Cool(const SourceMonitor& source, bool label_based, AlertBook& book);
  void DescribeUnit(const SourceMonitor& source, const UnitId& id, Unit& unit, AlertBook& book);
  void DescribeOutage(const SourceMonitor& source, AlertBook& book);
  void UpdateAlerts(const SourceMonitor& source, WallTime wall, AlertBook& book);
  void UpdateOutage(const SourceMonitor& source, WallTime wall, AlertBook& book);
  bool Ends(const DriftEpisode& episode, bool counts) const;
  bool Counts(const ActiveDrift& drift, DriftEpisode& episode) const;
  void StepEpisode(DriftEpisode& episode, bool counts, const AlertRule& rule, AlertLabels labels,
                   WallTime wall, AlertBook& book) const;

  const MonitorOptions& options_;
  const MonitoredSource& source_;
  std::optional<BudgetShares> budget_;
  std::map<UnitId, Unit> units_;
  DriftEpisode outage_;  // Of labels.
  std::vector<DriftEvidence> outage_evidence_;
  bool outage_stale_ = true;
  bool stepped_ = true;    // Since the last TakeChanges.
  EventTime sealed_at_{};  // What has been stepped, on the clocks of ActiveDrift.
  EventTime matured_at_{};
  std::vector<UnitId> forgotten_;      // Since the last TakeChanges.
  std::vector<DriftEvidence> alarms_;  // Of a replay.
};

// The rules that drift alerts stand for in the alert book.
const AlertRule& DriftRule();
const AlertRule& LabelOutageRule();

}  // namespace guardwatch
