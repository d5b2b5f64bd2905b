#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "alert/book.h"
#include "base/result.h"
#include "base/state_changes.h"
#include "base/time.h"
#include "monitor/drift_watch.h"
#include "monitor/findings.h"
#include "monitor/history.h"
#include "monitor/options.h"
#include "monitor/rules.h"
#include "monitor/snapshot.h"
#include "monitor/source_monitor.h"
#include "window/batch.h"

namespace guardwatch {

// The second stage: adds the shards' batches to panes, rolls panes into windows, and steps rules
// and alerts on sealed panes. Pure: time comes in as Tick. Owned and called by one thread.
class Monitor {
 public:
  explicit Monitor(MonitorOptions options);

  // A shard that will send batches. Nothing of its source is sealed before its first one.
  void ExpectShard(std::uint32_t source, std::uint32_t shard);

  // Adds a batch, seals what it completes, and steps rules. False: the batch did not continue what
  // was taken of its shard before, and was left alone.
  bool Take(const ShardBatch& batch, const Tick& tick);

  // Durable state: what changed since the last call, and the way back, before any shard is
  // expected: every record in the order of keys, then Restored. An error says what is wrong, or
  // what in the configuration the state contradicts.
  StateChanges TakeChanges();
  // Some alert has begun to fire or resolved since the last TakeChanges.
  bool alerts_changed() const { return book_.phases_changed(); }
  Result<void> Load(const StateRecord& record);
  void Restored(const Tick& tick);

  // Takes new rules in place of those before; alerts of rules that are gone resolve.
  void SetRules(std::vector<AlertRule> rules, const Tick& tick);

  // What the shards of a source are to hold their events against from now on.
  Watermarks Proposed(std::uint32_t source) const { return proposed_[source]; }

  // The view for readers. Also the moment at which health is judged.
  std::shared_ptr<const Snapshot> TakeSnapshot(const Tick& tick, std::vector<Finding> more = {});

  // Every log has been read to its end, sealed and matured.
  bool Finished() const;

  // The windows of a recording that has been read to its end: they end with the last pane that has
  // a scored event, rounded up to their grid.
  std::vector<SeriesWindow> FinalWindows() const;

  std::vector<SeriesWindow> Windows(const WindowQuery& query) const;
  std::vector<SeriesHistory> History(const HistoryQuery& query) const;

  const std::vector<std::unique_ptr<SourceMonitor>>& sources() const { return sources_; }

 private:
  struct CatchUp {
    bool catching_up = true;
    std::optional<MonotonicTime> behind_since;
  };
  void JudgeCatchUp(std::size_t source, const Tick& tick);
  void ShareBudget();
  void ResolveGoneRules(std::vector<AlertRule> rules, const Tick& tick);

  const MonitorOptions options_;
  std::vector<std::unique_ptr<SourceMonitor>> sources_;
  std::vector<HealthWatch> health_;
  std::vector<CatchUp> catch_up_;
  std::vector<Watermarks> proposed_;
  RuleEvaluator rules_;
  std::vector<DriftWatch> drift_;  // By source; empty if drift is not watched.
  std::optional<BudgetShares> budget_;
  AlertBook book_;
};

}  // namespace guardwatch
