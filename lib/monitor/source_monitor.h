#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/state_changes.h"
#include "monitor/admission.h"
#include "monitor/epochs.h"
#include "monitor/history.h"
#include "monitor/options.h"
#include "monitor/series_store.h"
#include "monitor/snapshot.h"
#include "monitor/source_logs.h"
#include "window/batch.h"

namespace guardwatch {

// What a rule judges: a slice of a unit, over all its model versions.
struct Subject {
  UnitKey unit;
  Variant variant = Variant::kLive;
  Slice slice;
  friend auto operator<=>(const Subject&, const Subject&) = default;
};

// One source in the monitor: adds batches to panes, seals and matures them in the order of event
// time, and slides the windows over them.
class SourceMonitor {
 public:
  SourceMonitor(const MonitorOptions& options, const MonitoredSource& source);

  void ExpectShard(std::uint32_t shard) { logs_.Expect(shard); }

  // Adds a batch. False: it does not continue what was taken before, and was left alone.
  bool Take(const ShardBatch& batch);

  // What shards are to hold their events against next.
  const Watermarks& Propose() { return logs_.Propose(); }

  // Seals every pane and matures every coarse pane that all shards have let go of, one by one in
  // the order of the stream, and calls back after each with its end.
  void Advance(const std::function<void(EventTime)>& sealed,
               const std::function<void(EventTime)>& matured);

  // Durable state: what changed since the last call, and the way back, before any batch: every
  // record in the order of keys, then Restored. An error says what is wrong with a record, or what
  // in the configuration it contradicts.
  void TakeChanges(StateChanges& out);
  Result<void> Load(const StateRecord& record);
  void Restored();

  // Series that have data in a pane, as long as it is kept; by key. Wholes, or slices.
  std::vector<const Series*> WithFinePane(PaneIndex pane, bool wholes) const {
    return WithPane(fine_touched_, pane, wholes);
  }
  std::vector<const Series*> WithCoarsePane(PaneIndex pane, bool wholes) const {
    return WithPane(coarse_touched_, pane, wholes);
  }

  std::vector<SeriesWindow> Windows(const WindowQuery& query) const;
  std::vector<SeriesHistory> History(const HistoryQuery& query) const;

  // The windows that end at `end`, rounded up to their grid, whether or not it has been sealed.
  std::vector<SeriesWindow> WindowsUpTo(EventTime end) const;

  // The sum of the subject's series in window `slot` of the grid.
  Aggregate Total(const Subject& subject, std::size_t slot) const;

  std::shared_ptr<const SourceView> View(bool catching_up) const;
  void AppendSeries(std::vector<std::shared_ptr<const SeriesView>>& out) const;

  const MonitoredSource& options() const { return source_; }
  const WindowGrid& grid() const { return grid_; }
  const SourceLogs& logs() const { return logs_; }
  const EpochTracker& epochs() const { return epochs_; }
  const std::map<Subject, std::vector<Series*>>& subjects() const { return subjects_; }
  std::uint64_t subjects_version() const { return subjects_version_; }
  EventTime sealed_through() const { return sealed_through_; }
  // The end of the last pane that has a counted event.
  EventTime last_scored_end() const { return last_scored_end_; }
  std::optional<Duration> horizon_limit() const;
  bool series_limit_reached() const { return admission_.limit_reached(); }
  const std::map<std::pair<std::string, std::string>, LabelOutcomeView>& labels() const {
    return labels_;
  }

 private:
  struct ShardSeries {
    std::vector<SeriesKey> keys;    // As the shard defined them, by local id.
    std::vector<Series*> resolved;  // Nullptr until first used, and after the series has gone.
  };
  using Touched = std::map<PaneIndex, std::vector<Series*>>;  // Series that have a pane here.
  static std::vector<const Series*> WithPane(const Touched& touched, PaneIndex pane, bool wholes);

  Series& Resolve(std::uint32_t shard, SeriesId id);
  Series& NewSeries(const SeriesKey& key, std::uint32_t number);
  void AddDelta(Series& series, const PaneDelta& delta);
  PaneStage StageOf(EventTime pane_start) const;
  void CountEvents(const ShardBatch& batch);
  void ForgetSeries(Series* series);
  Result<void> LoadHead(ByteReader& in);
  bool LoadSeries(std::uint32_t number, ByteReader& in);
  bool LoadPane(bool fine, PaneIndex pane, std::uint32_t number, ByteReader& in);
  void SealPane(PaneIndex pane);
  void AddToCoarse(PaneIndex pane);
  void MaturePane(EventTime end);
  void SlideTo(EventTime end, std::size_t slot, const Touched& touched);
  EventTime SealTarget() const;
  EventTime MatureTarget() const;
  PaneIndex NextPane(const Touched& touched, Duration width, EventTime now, EventTime target) const;
  // The end of it; nullopt if it is not complete.
  std::optional<EventTime> NextEnd(const Touched& touched, Duration width, EventTime now,
                                   EventTime target) const;
  void CloseSealed(EventTime before);
  void Forget();

  const MonitorOptions& options_;
  const MonitoredSource& source_;
  WindowGrid grid_;
  SourceLogs logs_;
  Admission admission_;
  EpochTracker epochs_;
  std::map<std::uint32_t, ShardSeries> shards_;
  std::map<SeriesKey, std::unique_ptr<Series>> series_;
  std::map<Subject, std::vector<Series*>> subjects_;
  std::uint64_t subjects_version_ = 0;
  Touched fine_touched_;
  Touched coarse_touched_;
  EventTime sealed_through_ = kBeginningOfTime;
  EventTime matured_through_ = kBeginningOfTime;
  EventTime last_data_end_ = kBeginningOfTime;    // Of any pane.
  EventTime last_scored_end_ = kBeginningOfTime;  // Of a pane with a counted event.
  KeptPanes kept_;
  std::map<std::pair<std::string, std::string>, LabelOutcomeView> labels_;
  DecisionOutcomes decisions_;
  struct Waiting {
    std::int64_t entries = 0;
    std::int64_t bytes = 0;
    std::optional<Duration> horizon_limit;
  };
  std::map<std::uint32_t, Waiting> pending_;  // By shard.
  std::int64_t identity_in_two_logs_ = 0;
  std::int64_t folded_ = 0;

  // Durable state.
  std::uint32_t next_series_ = 0;
  std::uint32_t series_kept_ = 0;  // Series that durable state knows.
  std::map<std::uint32_t, Series*> by_number_;
  std::vector<std::pair<PaneIndex, std::uint32_t>> changed_fine_;  // Pane, series.
  std::vector<std::pair<PaneIndex, std::uint32_t>> changed_coarse_;
  std::vector<std::pair<std::uint32_t, SeriesId>> folded_names_;  // Shard, series; newly resolved.
  StateChanges forgotten_;
};

}  // namespace guardwatch
