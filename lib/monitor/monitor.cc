#include "monitor/monitor.h"

#include <algorithm>
#include <utility>

namespace guardwatch {
namespace {

// Being behind for less than this is no catching up: a burst, a rebalance, a slow fetch.
constexpr Duration kBehindBeforeHeld = std::chrono::minutes(1);

}  // namespace

Monitor::Monitor(MonitorOptions options)
    : options_(std::move(options)),
      catch_up_(options_.sources.size()),
      proposed_(options_.sources.size()),
      rules_(options_) {
  for (const MonitoredSource& source : options_.sources) {
    sources_.push_back(std::make_unique<SourceMonitor>(options_, source));
    health_.emplace_back(options_, source);
    if (options_.drift.enabled) drift_.emplace_back(options_, source);
  }
}

void Monitor::ExpectShard(std::uint32_t source, std::uint32_t shard) {
  sources_[source]->ExpectShard(shard);
}

void Monitor::SetRules(std::vector<AlertRule> rules, const Tick& tick) {
  ResolveGoneRules(rules, tick);
  rules_.SetRules(std::move(rules));
}

bool Monitor::Take(const ShardBatch& batch, const Tick& tick) {
  SourceMonitor& source = *sources_[batch.source];
  if (!source.Take(batch)) return false;
  proposed_[batch.source] = source.Propose();
  DriftWatch* const drift = drift_.empty() ? nullptr : &drift_[batch.source];
  source.Advance(
      [&](EventTime now) {
        rules_.Step(source, WindowViewKind::kCurrent, now, tick.wall, book_);
        if (drift != nullptr) drift->StepSealed(source, now, tick.wall, book_);
        ShareBudget();
      },
      [&](EventTime now) {
        rules_.Step(source, WindowViewKind::kMatured, now, tick.wall, book_);
        if (drift != nullptr) drift->StepMatured(source, now, tick.wall, book_);
      });
  return true;
}

// One promise for everything: whatever appears takes its share from what was there before.
void Monitor::ShareBudget() {
  BudgetDemand all;
  all.units = 0;
  all.statistics = DriftStatistics();
  for (const DriftWatch& drift : drift_) {
    const BudgetDemand demand = drift.demand();
    all.units += demand.units;
    all.versions = std::max(all.versions, demand.versions);
    all.cohorts = all.cohorts || demand.cohorts;
  }
  if (all.units == 0 || (budget_ && budget_->demand() == all)) return;
  budget_.emplace(options_.drift.false_alarms_per_30d, all);
  for (std::size_t i = 0; i < drift_.size(); ++i) {
    drift_[i].SetBudget(*budget_, sources_[i]->grid().coarse);
  }
}

void Monitor::JudgeCatchUp(std::size_t source, const Tick& tick) {
  CatchUp& state = catch_up_[source];
  if (!sources_[source]->logs().Behind(tick.wall, options_.catch_up_bound)) {
    state = {false, std::nullopt};
    return;
  }
  if (!state.behind_since) state.behind_since = tick.monotonic;
  if (tick.monotonic - *state.behind_since >= kBehindBeforeHeld) state.catching_up = true;
}

std::shared_ptr<const Snapshot> Monitor::TakeSnapshot(const Tick& tick, std::vector<Finding> more) {
  for (std::size_t i = 0; i < drift_.size(); ++i) drift_[i].Describe(*sources_[i], book_);
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->findings = std::move(more);
  snapshot->at = tick.wall;
  snapshot->series_limit = options_.max_series;
  snapshot->drift_slots = options_.drift.slots;
  if (!sources_.empty()) snapshot->coarse_pane = sources_.front()->grid().coarse;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    JudgeCatchUp(i, tick);
    const bool catching_up = catch_up_[i].catching_up;
    snapshot->notifications_held = snapshot->notifications_held || catching_up;
    snapshot->sources.push_back(sources_[i]->View(catching_up));
    sources_[i]->AppendSeries(snapshot->series);
    for (Finding& finding : health_[i].Judge(*sources_[i], tick)) {
      snapshot->findings.push_back(std::move(finding));
    }
    if (!drift_.empty()) {
      drift_[i].AppendViews(snapshot->drift);
      drift_[i].AppendFindings(snapshot->findings);
      drift_[i].AppendBaselines(snapshot->baselines);
      drift_[i].AppendEvidence(snapshot->drift_evidence);
      const auto& alarms = drift_[i].alarms();
      snapshot->drift_alarms.insert(snapshot->drift_alarms.end(), alarms.begin(), alarms.end());
      snapshot->drift_spent += drift_[i].Spent(sources_[i]->grid().coarse);
    }
    const auto& epochs = sources_[i]->epochs().events();
    snapshot->epochs.insert(snapshot->epochs.end(), epochs.begin(), epochs.end());
  }
  std::sort(snapshot->series.begin(), snapshot->series.end(),
            [](const auto& a, const auto& b) { return a->key < b->key; });
  std::stable_sort(snapshot->epochs.begin(), snapshot->epochs.end(),
                   [](const auto& a, const auto& b) { return a.at < b.at; });
  snapshot->drift_shares = budget_;
  if (budget_) snapshot->drift_budget = budget_->Sentence();
  book_.ForgetResolvedBefore(tick.wall - options_.resolved_retention);
  snapshot->alerts = book_.Alerts();
  return snapshot;
}

// Records: 'a' alerts by id, 's' sources and 't' their drift detectors by name.

StateChanges Monitor::TakeChanges() {
  for (std::size_t i = 0; i < drift_.size(); ++i) drift_[i].Describe(*sources_[i], book_);
  StateChanges changes;
  StateChanges alerts;
  book_.TakeChanges(alerts);
  changes.Append(std::move(alerts), "a");
  for (const auto& source : sources_) {
    StateChanges part;
    source->TakeChanges(part);
    changes.Append(std::move(part), KeyWriter("s").Name(source->options().name).Take());
  }
  for (std::size_t i = 0; i < drift_.size(); ++i) {
    StateChanges part;
    drift_[i].TakeChanges(part);
    changes.Append(std::move(part), KeyWriter("t").Name(options_.sources[i].name).Take());
  }
  return changes;
}

Result<void> Monitor::Load(const StateRecord& record) {
  KeyReader key(record.key);
  const char tag = key.Tag();
  if (tag == 'a') {
    if (book_.Load({std::string(key.rest()), record.value})) return {};
    return Fail("the record of alert " + std::string(key.rest()) + " cannot be understood");
  }
  const std::string name(key.Name());
  for (std::size_t i = 0; tag == 't' && i < drift_.size(); ++i) {
    if (options_.sources[i].name != name) continue;
    if (drift_[i].Load({std::string(key.rest()), record.value}, sources_[i]->grid().coarse)) {
      return {};
    }
    return Fail("a drift detector of source " + name + " cannot be understood");
  }
  if (tag == 't') return {};  // Drift is not watched any more.
  for (const auto& source : sources_) {
    if (tag == 's' && source->options().name == name) {
      return source->Load({std::string(key.rest()), record.value});
    }
  }
  return Fail("it holds a source \"" + name + "\" that is not configured");
}

void Monitor::Restored(const Tick& tick) {
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    sources_[i]->Restored();
    proposed_[i] = sources_[i]->Propose();
  }
  ShareBudget();
  // Rules may have gone while nothing ran; their alerts must not fire for ever.
  ResolveGoneRules(options_.rules, tick);
}

void Monitor::ResolveGoneRules(std::vector<AlertRule> rules, const Tick& tick) {
  if (options_.drift.enabled) {
    rules.push_back(DriftRule());
    rules.push_back(LabelOutageRule());
  }
  book_.ResolveAllBut(rules, tick.wall);
}

bool Monitor::Finished() const {
  return std::all_of(sources_.begin(), sources_.end(), [](const auto& source) {
    const Watermarks honoured = source->logs().Honoured();
    return honoured.scores >= kEndOfTime && honoured.labels >= kEndOfTime;
  });
}

std::vector<SeriesWindow> Monitor::FinalWindows() const {
  EventTime last = kBeginningOfTime;
  for (const auto& source : sources_) last = std::max(last, source->last_scored_end());
  std::vector<SeriesWindow> answer;
  if (last == kBeginningOfTime) return answer;
  for (const auto& source : sources_) {
    auto part = source->WindowsUpTo(last);
    std::move(part.begin(), part.end(), std::back_inserter(answer));
  }
  return answer;
}

std::vector<SeriesWindow> Monitor::Windows(const WindowQuery& query) const {
  std::vector<SeriesWindow> answer;
  for (const auto& source : sources_) {
    auto part = source->Windows(query);
    std::move(part.begin(), part.end(), std::back_inserter(answer));
  }
  return answer;
}

std::vector<SeriesHistory> Monitor::History(const HistoryQuery& query) const {
  std::vector<SeriesHistory> answer;
  for (const auto& source : sources_) {
    auto part = source->History(query);
    std::move(part.begin(), part.end(), std::back_inserter(answer));
  }
  return answer;
}

}  // namespace guardwatch
