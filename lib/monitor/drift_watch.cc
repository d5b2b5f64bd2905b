#include "monitor/drift_watch.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "monitor/drift_text.h"

namespace guardwatch {
namespace {

constexpr double kHot = 0.5;  // Share of the threshold.

}  // namespace

std::string DriftWatch::KeyOf(std::string_view stream, const std::string& version,
                              const std::string& dimension) {
  return std::string(stream) + "\xff" + version + "\xff" + dimension;
}

BudgetShares DriftWatch::Budget() const {
  return budget_.value_or(BudgetShares(options_.drift.false_alarms_per_30d));
}

const AlertRule& DriftRule() {
  static const AlertRule kRule = [] {
    AlertRule rule;
    rule.name = "GuardrailDrift";
    rule.severity = "page";
    return rule;
  }();
  return kRule;
}

VersionWatch& DriftWatch::WatchOf(const Series& series, Duration coarse) {
  const SeriesKey& key = series.key();
  Unit& unit = units_[{key.unit, key.variant}];
  unit.changed = true;
  auto& watch = unit.versions[key.model_version];
  if (!watch) {
    watch = std::make_unique<VersionWatch>(options_.drift, coarse, Budget());
  }
  return *watch;
}

void DriftWatch::StepSealed(const SourceMonitor& source, EventTime now, WallTime wall,
                            AlertBook& book) {
  const PaneIndex pane = PaneOf(now) - 1;
  for (const Series* series : source.WithFinePane(pane, true)) {
    const SeriesKey& key = series->key();
    Take(units_[{key.unit, key.variant}], key.model_version,
         WatchOf(*series, source.grid().coarse).StepSealed(pane, series->fine().at(pane)));
  }
  const Duration coarse = source.grid().coarse;
  if (AlignDown(now, coarse) == now) {
    Forget(source);
    StepCohorts(source, PaneOf(now, coarse) - 1);
  }
  Cool(now);
  UpdateAlerts(source, now, wall, book);
}

void DriftWatch::StepMatured(const SourceMonitor& source, EventTime now, WallTime wall,
                             AlertBook& book) {
  const PaneIndex pane = PaneOf(now, source.grid().coarse) - 1;
  for (const Series* series : source.WithCoarsePane(pane, true)) {
    const SeriesKey& key = series->key();
    Take(units_[{key.unit, key.variant}], key.model_version,
         WatchOf(*series, source.grid().coarse).StepMatured(pane, series->coarse().at(pane)));
  }
  UpdateAlerts(source, std::max(now, source.sealed_through()), wall, book);
}

// The values of a dimension in one sealed coarse pane, over all model versions.
void DriftWatch::StepCohorts(const SourceMonitor& source, PaneIndex pane) {
  using Key = std::tuple<UnitId, std::string, std::string>;  // Unit, dimension, value.
  for (std::size_t i = 0; i < DriftStreams().size(); ++i) {
    const DriftStream& stream = DriftStreams()[i];
    if (!stream.per_cohort) continue;
    std::map<Key, Count> counts;
    for (const Series* series : source.WithCoarsePane(pane, false)) {
      const SeriesKey& key = series->key();
      const Count count = stream.count(series->coarse().at(pane));
      Count& sum = counts[{{key.unit, key.variant}, key.slice.dimension, key.slice.value}];
      sum.n += count.n;
      sum.s += count.s;
    }
    for (auto at = counts.begin(); at != counts.end();) {
      const UnitId unit_id = std::get<0>(at->first);
      const std::string dimension = std::get<1>(at->first);
      std::vector<CohortCount> cohorts;
      Count all;
      for (; at != counts.end() && std::get<0>(at->first) == unit_id &&
             std::get<1>(at->first) == dimension;
           ++at) {
        cohorts.push_back({std::get<2>(at->first), at->second});
        all.n += at->second.n;
        all.s += at->second.s;
      }
      if (cohorts.size() < 2) continue;  // One value is the whole.
      Unit& unit = units_[unit_id];
      CohortWatch& watch = CohortsOf(unit, stream.name, dimension, source.grid().coarse);
      if (const auto alarm = watch.Step(pane, cohorts)) {
        const double usual = all.n > 0 ? double(all.s) / double(all.n) : 0;
        TakeCohorts(unit, stream.name, dimension, *alarm, usual, source.grid().coarse);
      }
    }
  }
}

CohortWatch& DriftWatch::CohortsOf(Unit& unit, std::string_view stream,
                                   const std::string& dimension, Duration coarse) {
  const auto known = unit.cohorts.find({stream, dimension});
  if (known != unit.cohorts.end()) return known->second;
  CohortWatchOptions options;
  for (const DriftStream& each : DriftStreams()) {
    if (each.name == stream) options.direction = each.direction;
  }
  BaselineOptions& learning = options.learning;
  learning.pane_width = coarse;
  learning.slots = options_.drift.slots;
  learning.fewest_panes = std::max<std::int64_t>(options_.drift.learn / coarse, 1);
  learning.fewest_steps = std::min(learning.fewest_steps, learning.fewest_panes / 2);
  learning.fewest_blocks = std::clamp<std::int64_t>(learning.fewest_panes / 6, 2, 200);
  return unit.cohorts
      .emplace(std::pair{stream, dimension}, CohortWatch(options, CohortThreshold(unit, coarse)))
      .first->second;
}

double DriftWatch::CohortThreshold(const Unit& unit, Duration coarse) const {
  const BudgetShares budget = Budget();
  std::set<std::string> dimensions;
  for (const auto& [key, watch] : unit.cohorts) dimensions.insert(key.second);
  const auto count = std::max<std::int64_t>(static_cast<std::int64_t>(dimensions.size()), 2);
  const double share = budget.demand().cohorts ? budget.Cohorts(count) : budget.Overall() / 2;
  return budget.Threshold(share, coarse);
}

// What has no panes any more takes no part: versions that were replaced, units and cohorts that are
// gone. So the budget is shared among what there is.
void DriftWatch::Forget(const SourceMonitor& source) {
  for (auto at = units_.begin(); at != units_.end();) {
    const UnitId& id = at->first;
    Unit& unit = at->second;
    std::set<std::string> versions;
    const auto whole = source.subjects().find({id.unit, id.variant, Slice{}});
    if (whole != source.subjects().end()) {
      for (const Series* series : whole->second) versions.insert(series->key().model_version);
    }
    std::erase_if(unit.versions,
                  [&](const auto& entry) { return !versions.contains(entry.first); });
    for (auto& [key, watch] : unit.cohorts) {
      for (const std::string& cohort : watch.Cohorts()) {
        if (!source.subjects().contains({id.unit, id.variant, Slice{key.second, cohort}})) {
          watch.Forget(cohort);
        }
      }
    }
    if (unit.versions.empty() && unit.active.empty() && !unit.alerting) {
      forgotten_.push_back(id);
      at = units_.erase(at);
    } else {
      ++at;
    }
  }
}

// --- Alarms ---

void DriftWatch::Take(Unit& unit, const std::string& version, std::vector<StreamAlarm> alarms) {
  for (StreamAlarm& alarm : alarms) {
    const EventTime at = PaneEnd(alarm.alarm.pane, alarm.pane_width);
    auto [active, is_new] = unit.active.try_emplace(KeyOf(alarm.stream, version, ""));
    ActiveDrift& drift = active->second;
    if (is_new) {
      drift.stream = alarm.stream;
      drift.version = version;
      drift.raised = at;
      drift.changed = PaneEnd(alarm.alarm.change_pane, alarm.pane_width);
    }
    drift.hot = at;
    drift.alarm = std::move(alarm);
  }
}

void DriftWatch::TakeCohorts(Unit& unit, std::string_view stream, const std::string& dimension,
                             const CohortAlarm& alarm, double usual, Duration coarse) {
  const EventTime at = PaneEnd(alarm.pane, coarse);
  auto [active, is_new] = unit.active.try_emplace(KeyOf(stream, "", dimension));
  ActiveDrift& drift = active->second;
  drift.stream = stream;
  drift.dimension = dimension;
  drift.hot = at;
  const PaneIndex changed =
      alarm.cohorts.empty() ? alarm.pane - 1 : alarm.cohorts.front().change_pane;
  if (is_new) {
    drift.raised = at;
    drift.changed = PaneEnd(changed, coarse);
  }
  if (!alarm.cohorts.empty()) drift.cohorts = alarm.cohorts;
  drift.alarm.stream = stream;
  drift.alarm.alarm.pane = alarm.pane;
  drift.alarm.alarm.evidence = alarm.evidence;
  drift.alarm.alarm.threshold = alarm.threshold;
  drift.alarm.alarm.change_pane = changed;
  drift.alarm.alarm.direction =
      drift.cohorts.empty() ? Direction::kBoth : drift.cohorts.front().direction;
  drift.alarm.pane_width = coarse;
  drift.alarm.usual = usual;
}

// An alarm sets its evidence back to nothing; what is still wrong gathers it anew.
void DriftWatch::Cool(EventTime now) {
  for (auto& [id, unit] : units_) {
    for (auto at = unit.active.begin(); at != unit.active.end();) {
      ActiveDrift& drift = at->second;
      double heat = 0;
      if (drift.dimension.empty()) {
        const auto version = unit.versions.find(drift.version);
        if (version != unit.versions.end()) heat = version->second->Heat(drift.stream);
      } else {
        const auto watch = unit.cohorts.find({drift.stream, drift.dimension});
        if (watch != unit.cohorts.end()) {
          heat = watch->second.evidence() / watch->second.threshold();
        }
      }
      if (heat >= kHot) drift.hot = now;
      at = now - drift.hot >= options_.drift.quiet ? unit.active.erase(at) : std::next(at);
    }
  }
}

void DriftWatch::UpdateAlerts(const SourceMonitor& source, EventTime now, WallTime wall,
                              AlertBook& book) {
  for (auto& [id, unit] : units_) {
    if (unit.active.empty() && !unit.alerting) continue;
    Evaluation evaluation;
    evaluation.labels = {
        {"alertname", DriftRule().name}, {"severity", DriftRule().severity},
        {"source", id.unit.source},      {"guardrail", id.unit.guardrail},
        {"category", id.unit.category},  {"variant", std::string(ToString(id.variant))}};
    evaluation.condition = !unit.active.empty();
    if (!unit.active.empty()) {
      evaluation.annotations =
          DriftAnnotations(id.unit, id.variant, unit.active, source, options_.external_url);
    }
    unit.changed = true;
    unit.alerting = !unit.active.empty();
    book.Step(DriftRule(), evaluation, now, wall);
  }
}

// --- The budget ---

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
    for (const auto& [version, watch] : unit.versions) watch->SetBudget(budget);
    const double threshold = CohortThreshold(unit, coarse);
    for (auto& [key, watch] : unit.cohorts) watch.SetThreshold(threshold);
  }
}

// --- For readers ---

void DriftWatch::AppendViews(std::vector<DriftView>& out) const {
  for (const auto& [id, unit] : units_) {
    for (const auto& [version, watch] : unit.versions) {
      for (const StreamStatus& status : watch->Status()) {
        DriftView view;
        view.unit = id.unit;
        view.variant = id.variant;
        view.model_version = version;
        view.stream = status.stream;
        view.state = ToString(status.state);
        view.missing = status.missing;
        view.usual = status.usual;
        view.unchanged_low = status.unchanged.low;
        view.unchanged_high = status.unchanged.high;
        view.reference_events = status.reference_events;
        view.dispersion = status.dispersion;
        view.tolerance = status.tolerance;
        view.evidence = status.evidence;
        view.threshold = status.threshold;
        view.detectable_rise = status.detectable_rise;
        view.detectable_fall = status.detectable_fall;
        view.drifting = unit.active.contains(KeyOf(status.stream, version, ""));
        out.push_back(std::move(view));
      }
    }
  }
}

void DriftWatch::AppendFindings(std::vector<Finding>& out) const {
  for (const auto& [id, unit] : units_) {
    for (const auto& [key, drift] : unit.active) {
      Finding finding;
      finding.kind = "drift";
      finding.severity = Finding::Severity::kCritical;
      finding.source = id.unit.source;
      finding.guardrail = id.unit.guardrail;
      finding.category = id.unit.category;
      finding.subject = drift.stream;
      finding.summary = DriftSentence(drift);
      finding.since = drift.changed;
      out.push_back(std::move(finding));
    }
  }
}

}  // namespace guardwatch
