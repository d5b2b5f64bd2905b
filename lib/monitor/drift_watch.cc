#include "monitor/drift_watch.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <system_error>
#include <tuple>
#include <utility>

#include "monitor/drift_text.h"

namespace guardwatch {
namespace {

std::optional<Score> ThresholdFrom(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || !(value >= 0 && value <= 1)) return std::nullopt;
  return Score::FromClipped(value);
}

// Threshold or policy were changed in the pane, now sealed.
std::optional<PolicyChange> PolicyChangeIn(const EpochTracker& epochs, const SeriesKey& key,
                                           PaneIndex pane) {
  std::optional<PolicyChange> change;
  const auto& events = epochs.events();
  for (auto at = events.rbegin(); at != events.rend() && at->at >= PaneStart(pane); ++at) {
    if (at->field == EpochTally::Field::kModelVersion) continue;
    if (at->unit != key.unit || at->variant != key.variant || at->at != PaneStart(pane)) continue;
    if (!change) change.emplace();
    if (at->field != EpochTally::Field::kThreshold) continue;
    const auto before = ThresholdFrom(at->from);
    const auto after = ThresholdFrom(at->to);
    if (before && after) change->thresholds.emplace(*before, *after);
  }
  return change;
}

}  // namespace

std::string DriftWatch::KeyOf(std::string_view stream, const std::string& version,
                              const std::string& dimension) {
  return std::string(stream) + "\xff" + version + "\xff" + dimension;
}

const BaselineSet* DriftWatch::GivenFor(const SeriesKey& key) const {
  if (!options_.drift.given) return nullptr;
  for (const BaselineSet& set : *options_.drift.given) {
    const bool fits = set.unit == key.unit && set.variant == key.variant &&
                      set.model_version == key.model_version;
    if (fits) return &set;
  }
  return nullptr;
}

VersionWatch& DriftWatch::WatchOf(const Series& series, PaneIndex fine_pane, Duration coarse) {
  const SeriesKey& key = series.key();
  Unit& unit = units_[{key.unit, key.variant}];
  unit.changed = true;
  auto& watch = unit.versions[key.model_version];
  if (watch) return *watch;
  std::string predecessor;
  std::optional<PaneIndex> latest;
  for (const auto& [version, other] : unit.versions) {
    // Versions that come up together are no history of each other.
    if (!other || PaneStart(fine_pane) - PaneStart(other->arrived()) < coarse) continue;
    if (latest && *latest >= other->arrived()) continue;
    latest = other->arrived();
    predecessor = version;
  }
  watch = std::make_unique<VersionWatch>(options_.drift, coarse, Budget(), GivenFor(key));
  watch->Arrive(fine_pane, std::move(predecessor));
  return *watch;
}

// Nullptr if there is nothing to compare with. Panes from `oldest` on are kept in any case, so the
// result does not depend on when others are forgotten.
const Aggregate* DriftWatch::Partner(const SourceMonitor& source, const SeriesKey& key,
                                     VersionWatch& watch, PaneIndex pane, bool matured,
                                     EventTime oldest, Aggregate& room) const {
  if (!watch.Compares()) return nullptr;
  const auto whole = source.subjects().find({key.unit, key.variant, Slice{}});
  if (whole == source.subjects().end()) return nullptr;
  for (const Series* series : whole->second) {
    if (series->key().model_version != watch.predecessor()) continue;
    return watch.Partner(matured ? series->coarse() : series->fine(), pane, matured, oldest, room);
  }
  return nullptr;
}

void DriftWatch::StepSealed(const SourceMonitor& source, EventTime now, WallTime wall,
                            AlertBook& book) {
  const PaneIndex pane = PaneOf(now) - 1;
  const EventTime oldest = now - 2 * source.grid().LongestFineWindow();
  const Duration coarse = source.grid().coarse;
  for (const Series* series : source.WithFinePane(pane, true)) {
    const SeriesKey& key = series->key();
    VersionWatch& watch = WatchOf(*series, pane, coarse);
    Aggregate room;
    Aggregate room_before;
    const Aggregate* before = Partner(source, key, watch, pane, false, oldest, room_before);
    const auto changed = PolicyChangeIn(source.epochs(), key, pane);
    Take(source, key, watch.StepSealed(pane, *series->fine().Find(pane, room), before, changed));
  }
  if (AlignDown(now, coarse) == now) {
    Forget(source);
    StepCohorts(source, PaneOf(now, coarse) - 1);
  }
  sealed_at_ = now;
  stepped_ = true;
  Cool(source, false, book);
  UpdateAlerts(source, wall, book);
}

void DriftWatch::StepMatured(const SourceMonitor& source, EventTime now, WallTime wall,
                             AlertBook& book) {
  const Duration coarse = source.grid().coarse;
  const PaneIndex pane = PaneOf(now, coarse) - 1;
  const EventTime oldest = now - source.grid().LongestWindow();
  for (const Series* series : source.WithCoarsePane(pane, true)) {
    const SeriesKey& key = series->key();
    VersionWatch& watch = WatchOf(*series, PaneOf(PaneStart(pane, coarse)), coarse);
    Aggregate room;
    Aggregate room_before;
    const Aggregate* before = Partner(source, key, watch, pane, true, oldest, room_before);
    Take(source, key, watch.StepMatured(pane, *series->coarse().Find(pane, room), before));
  }
  matured_at_ = now + source_.label_horizon + source_.label_lateness;
  stepped_ = true;
  Cool(source, true, book);
  Judge(source, now);
  UpdateAlerts(source, wall, book);
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
      Aggregate room;
      const Count count = stream.count(*series->coarse().Find(pane, room));
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
      unit.changed = true;
      CohortWatch& watch = CohortsOf(unit, stream.name, dimension, source.grid().coarse);
      if (const auto alarm = watch.Step(pane, cohorts)) {
        const double usual = all.n > 0 ? double(all.s) / double(all.n) : 0;
        TakeCohorts(source, unit_id, stream.name, dimension, *alarm, usual);
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
  options.period = options_.drift.period;
  learning.fewest_panes = std::max<std::int64_t>(options_.drift.learn / coarse, 1);
  learning.fewest_steps = std::min(learning.fewest_steps, learning.fewest_panes / 2);
  learning.fewest_blocks = std::clamp<std::int64_t>(learning.fewest_panes / 6, 2, 200);
  CohortWatch& added = unit.cohorts
                           .emplace(std::pair{stream, dimension},
                                    CohortWatch(options, CohortThreshold(unit, coarse)))
                           .first->second;
  // One dimension more: from now on they share with it.
  const double threshold = CohortThreshold(unit, coarse);
  for (auto& [key, watch] : unit.cohorts) watch.SetThreshold(threshold);
  return added;
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
    const auto gone = [&](const auto& entry) { return !versions.contains(entry.first); };
    if (std::erase_if(unit.versions, gone) > 0) unit.changed = true;
    for (auto& [key, watch] : unit.cohorts) {
      for (const std::string& cohort : watch.Cohorts()) {
        if (!source.subjects().contains({id.unit, id.variant, Slice{key.second, cohort}})) {
          watch.Forget(cohort);
          unit.changed = true;
        }
      }
    }
    if (unit.versions.empty() && unit.active.empty() && !unit.episode.alerting) {
      forgotten_.push_back(id);
      at = units_.erase(at);
    } else {
      ++at;
    }
  }
}

// --- Alarms ---

void DriftWatch::Take(const SourceMonitor& source, const SeriesKey& key,
                      std::vector<StreamAlarm> alarms) {
  const UnitId id{key.unit, key.variant};
  Unit& unit = units_[id];
  for (StreamAlarm& alarm : alarms) {
    EventTime at = PaneEnd(alarm.alarm.pane, alarm.pane_width);
    if (IsLabelBased(alarm.stream)) at += source_.label_horizon + source_.label_lateness;
    auto [active, is_new] = unit.active.try_emplace(KeyOf(alarm.stream, key.model_version, ""));
    ActiveDrift& drift = active->second;
    if (is_new) {
      drift.stream = alarm.stream;
      drift.version = key.model_version;
      drift.raised = at;
      drift.changed = PaneEnd(alarm.alarm.change_pane, alarm.pane_width);
    }
    drift.hot = at;
    drift.alarm = std::move(alarm);
    if (options_.keep_all_panes) alarms_.push_back(EvidenceOf(source, id, drift));
  }
}

void DriftWatch::TakeCohorts(const SourceMonitor& source, const UnitId& id, std::string_view stream,
                             const std::string& dimension, const CohortAlarm& alarm, double usual) {
  const Duration coarse = source.grid().coarse;
  const EventTime at = PaneEnd(alarm.pane, coarse);
  auto [active, is_new] = units_[id].active.try_emplace(KeyOf(stream, "", dimension));
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
  drift.alarm.input_from = PaneStart(alarm.first, coarse);
  if (options_.keep_all_panes) alarms_.push_back(EvidenceOf(source, id, drift));
}

}  // namespace guardwatch
