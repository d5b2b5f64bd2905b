#include "monitor/source_monitor.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace guardwatch {
namespace {

// One grid for the whole process, so that windows of all sources end together.
Duration LongestHorizon(const MonitorOptions& options) {
  Duration longest{};
  for (const MonitoredSource& source : options.sources) {
    longest = std::max(longest, source.label_horizon);
  }
  return longest;
}

}  // namespace

SourceMonitor::SourceMonitor(const MonitorOptions& options, const MonitoredSource& source)
    : options_(options),
      source_(source),
      grid_(WindowGrid::For(options.windows, LongestHorizon(options))),
      logs_(source),
      admission_(source, options.max_series) {
  if (grid_.one_width()) kept_.coarse_through = kEndOfTime;
}

// --- Taking batches ---

bool SourceMonitor::Take(const ShardBatch& batch) {
  if (!logs_.Take(batch)) return false;
  ShardSeries& shard = shards_[batch.shard];
  for (const SeriesDefinition& definition : batch.new_series) {
    shard.keys.resize(std::max<std::size_t>(shard.keys.size(), definition.id + 1));
    shard.resolved.resize(shard.keys.size());
    shard.keys[definition.id] = definition.key;
  }
  for (const PaneDelta& delta : batch.deltas) {
    Series& series = Resolve(batch.shard, delta.series);
    if (shard.keys[delta.series] != series.key()) folded_ += delta.change.scored;
    AddDelta(series, delta);
  }
  CountEvents(batch);
  return true;
}

Series& SourceMonitor::Resolve(std::uint32_t shard_id, SeriesId id) {
  ShardSeries& shard = shards_[shard_id];
  Series*& resolved = shard.resolved[id];
  if (resolved != nullptr) return *resolved;
  const SeriesKey& wanted = shard.keys[id];
  const SeriesKey key = series_.contains(wanted) ? wanted : admission_.Admit(wanted);
  const auto known = series_.find(key);
  Series& series = known != series_.end() ? *known->second : NewSeries(key, next_series_++);
  if (options_.durable && key != wanted) folded_names_.emplace_back(shard_id, id);
  resolved = &series;
  return series;
}

Series& SourceMonitor::NewSeries(const SeriesKey& key, std::uint32_t number) {
  Series& series = *(series_[key] = std::make_unique<Series>(key, number, grid_));
  admission_.Added(key);
  subjects_[{key.unit, key.variant, key.slice}].push_back(&series);
  ++subjects_version_;
  by_number_[number] = &series;
  return series;
}

PaneStage SourceMonitor::StageOf(EventTime pane_start) const {
  if (pane_start >= kept_.coarse_through) return PaneStage::kOpen;
  return pane_start >= kept_.fine_floor ? PaneStage::kSealed : PaneStage::kOnlyCoarse;
}

void SourceMonitor::AddDelta(Series& series, const PaneDelta& delta) {
  const EventTime start = PaneStart(delta.pane);
  if (start < kept_.coarse_floor) return;  // Nothing shows it any more.
  const PaneStage stage = StageOf(start);
  const Series::NewPanes added = series.Add(delta.pane, delta.change, stage);
  const EventTime end = PaneEnd(delta.pane);
  last_data_end_ = std::max(last_data_end_, end);
  if (delta.change.scored > 0 || delta.change.decided > 0) {
    last_scored_end_ = std::max(last_scored_end_, end);
  }
  if (added.fine) fine_touched_[delta.pane].push_back(&series);
  const PaneIndex coarse = PaneOf(start, grid_.coarse);
  if (added.coarse) coarse_touched_[coarse].push_back(&series);
  if (options_.durable) {
    if (added.coarse || stage != PaneStage::kOpen) {
      changed_coarse_.emplace_back(coarse, series.number());
    }
    if (stage != PaneStage::kOnlyCoarse && !grid_.one_width()) {
      changed_fine_.emplace_back(delta.pane, series.number());
    }
  }
  const SeriesKey& key = series.key();
  if (key.slice.whole() && delta.change.scored > 0 && end > sealed_through_) {
    epochs_.Add(key.unit, key.variant, EpochTally::Field::kModelVersion, delta.pane,
                key.model_version, delta.change.scored);
  }
}

void SourceMonitor::CountEvents(const ShardBatch& batch) {
  for (const EpochTally& tally : batch.epochs) {
    const SeriesKey& key = Resolve(batch.shard, tally.series).key();
    if (PaneEnd(tally.pane) > sealed_through_) {
      epochs_.Add(key.unit, key.variant, tally.field, tally.pane, tally.value, tally.count);
    }
  }
  for (const VerdictTally& tally : batch.verdicts) {
    Series& series = Resolve(batch.shard, tally.series);
    for (std::size_t i = 0; i < tally.verdicts.size(); ++i) {
      series.verdicts_total[i] += tally.verdicts[i];
    }
    series.MarkChanged();
  }
  for (const LabelTally& tally : batch.labels) {
    LabelOutcomeView& view = labels_[{tally.guardrail, tally.category}];
    view.guardrail = tally.guardrail;
    view.category = tally.category;
    for (std::size_t i = 0; i < tally.outcomes.size(); ++i) view.outcomes[i] += tally.outcomes[i];
  }
  for (const DecisionTally& tally : batch.decisions) decisions_ += tally.outcomes;
  identity_in_two_logs_ += batch.identity_in_two_logs;
  folded_ += batch.folded_values;
  pending_[batch.shard] = {batch.pending, batch.pending_bytes, batch.horizon_limit};
}

// --- Sealing ---

EventTime SourceMonitor::SealTarget() const {
  const EventTime honoured = logs_.Honoured().scores;
  if (honoured >= kEndOfTime) return last_data_end_;
  return honoured <= kBeginningOfTime ? kBeginningOfTime : AlignDown(honoured, kPaneWidth);
}

EventTime SourceMonitor::MatureTarget() const {
  const Watermarks honoured = logs_.Honoured();
  const EventTime by_scores = honoured.scores - source_.label_horizon - source_.label_lateness;
  const EventTime by_labels = honoured.labels - source_.label_horizon - kPaneWidth;
  const EventTime target = std::min(by_scores, by_labels);
  if (target <= kBeginningOfTime) return kBeginningOfTime;
  const EventTime all = AlignUp(last_data_end_, grid_.coarse);
  if (honoured.scores >= kEndOfTime && honoured.labels >= kEndOfTime) return all;
  return AlignDown(honoured.scores >= kEndOfTime ? std::min(target, all) : target, grid_.coarse);
}

// The next pane after `now` after which anything can look different: a stretch without data in any
// window is passed over in one step, to the next pane with data or to the last before `target`, and
// be it thousands of years long.
PaneIndex SourceMonitor::NextPane(const Touched& touched, Duration width, EventTime now,
                                  EventTime target) const {
  const PaneIndex last = PaneOf(target, width) - 1;
  const auto after = touched.lower_bound(PaneOf(now, width));
  if (now == kBeginningOfTime) return after == touched.end() ? last : after->first;
  const auto coarse_after = coarse_touched_.upper_bound(PaneOf(now, grid_.coarse));
  const bool windows_empty =
      coarse_after == coarse_touched_.begin() ||
      PaneEnd(std::prev(coarse_after)->first, grid_.coarse) + grid_.LongestWindow() < now;
  if (!windows_empty) return PaneOf(now, width);
  return after == touched.end() ? last : std::min(after->first, last);
}

void SourceMonitor::Advance(const std::function<void(EventTime)>& sealed,
                            const std::function<void(EventTime)>& matured) {
  const EventTime target = SealTarget();
  const EventTime sealed_before = sealed_through_;
  const EventTime matured_before = matured_through_;
  const EventTime mature_target = MatureTarget();
  const Duration maturing = source_.label_horizon + source_.label_lateness;
  for (;;) {
    const auto seal = NextEnd(fine_touched_, kPaneWidth, sealed_through_, target);
    const auto mature = NextEnd(coarse_touched_, grid_.coarse, matured_through_, mature_target);
    if (!seal && !mature) break;
    // In the order in which it would have happened, had the events come one by one.
    if (mature && (!seal || *mature + maturing < *seal)) {
      MaturePane(*mature);
      matured(matured_through_);
    } else {
      SealPane(PaneOf(*seal) - 1);
      sealed(sealed_through_);
    }
  }
  if (sealed_through_ == sealed_before && matured_through_ == matured_before) return;
  for (const auto& [key, series] : series_) series->MarkChanged();
  CloseSealed(sealed_before);
  Forget();
}

// Only now, since detectors and windows have just read these panes.
void SourceMonitor::CloseSealed(EventTime before) {
  const auto close = [&](const Touched& touched, Duration width, auto seal) {
    const auto end = touched.lower_bound(PaneOf(sealed_through_, width));
    for (auto at = touched.lower_bound(PaneOf(before, width)); at != end; ++at) {
      for (Series* series : at->second) seal(*series, at->first);
    }
  };
  close(fine_touched_, kPaneWidth, [](Series& series, PaneIndex pane) { series.SealFine(pane); });
  close(coarse_touched_, grid_.coarse,
        [](Series& series, PaneIndex pane) { series.SealCoarse(pane); });
}

std::optional<EventTime> SourceMonitor::NextEnd(const Touched& touched, Duration width,
                                                EventTime now, EventTime target) const {
  if (series_.empty() || now >= target) return std::nullopt;
  const EventTime end = PaneEnd(NextPane(touched, width, now, target), width);
  return end > target ? std::nullopt : std::optional(end);
}

void SourceMonitor::MaturePane(EventTime end) {
  matured_through_ = end;
  for (std::size_t i = 0; i < grid_.slots.size(); ++i) {
    if (grid_.slots[i].view == WindowViewKind::kMatured) {
      SlideTo(matured_through_, i, coarse_touched_);
    }
  }
}

void SourceMonitor::AddToCoarse(PaneIndex pane) {
  const auto at = fine_touched_.find(pane);
  if (at == fine_touched_.end()) return;
  for (Series* series : at->second) {
    series->AddToCoarse(pane);
    if (!options_.durable) continue;
    changed_coarse_.emplace_back(PaneOf(PaneStart(pane), grid_.coarse), series->number());
  }
}

void SourceMonitor::SealPane(PaneIndex pane) {
  sealed_through_ = PaneEnd(pane);
  if (sealed_through_ > kept_.coarse_through) {
    AddToCoarse(pane);
    kept_.coarse_through = sealed_through_;
  }
  const bool last_of_recording =
      logs_.Honoured().scores >= kEndOfTime && sealed_through_ == last_data_end_;
  const EventTime coarse_end = last_of_recording ? AlignUp(sealed_through_, grid_.coarse)
                                                 : AlignDown(sealed_through_, grid_.coarse);
  for (std::size_t i = 0; i < grid_.slots.size(); ++i) {
    const WindowGrid::Slot& slot = grid_.slots[i];
    if (slot.fine) {
      SlideTo(sealed_through_, i, fine_touched_);
    } else if (slot.view == WindowViewKind::kCurrent && coarse_end > slot.end) {
      SlideTo(coarse_end, i, coarse_touched_);
    }
  }
  epochs_.Seal(pane);
}

// Moves a window's end to `end`, over as many slides as that takes; only those at which a pane
// enters or leaves do any work, and only series that have that pane are touched.
void SourceMonitor::SlideTo(EventTime end, std::size_t slot_index, const Touched& touched) {
  WindowGrid::Slot& slot = grid_.slots[slot_index];
  const Duration slide = grid_.slide(slot);
  const PaneIndex reach = slot.window / slide;
  const PaneIndex last = PaneOf(end, slide) - 1;
  PaneIndex entering = slot.end == kBeginningOfTime ? last - reach + 1 : PaneOf(slot.end, slide);
  std::vector<Series*> moved;
  while (entering <= last) {
    const auto in = touched.lower_bound(entering);
    const auto out = touched.lower_bound(entering - reach);
    const PaneIndex next_in = in != touched.end() ? in->first : last + 1;
    const PaneIndex next_out = out != touched.end() ? out->first + reach : last + 1;
    entering = std::min(next_in, next_out);
    if (entering > last) break;
    moved.clear();
    if (next_in == entering) moved = in->second;
    if (next_out == entering) {
      moved.insert(moved.end(), out->second.begin(), out->second.end());
    }
    std::sort(moved.begin(), moved.end());
    moved.erase(std::unique(moved.begin(), moved.end()), moved.end());
    slot.end = PaneEnd(entering, slide);
    for (Series* series : moved) series->Slide(slot_index, slot.end);
    ++entering;
  }
  slot.end = end;
}

void SourceMonitor::Forget() {
  if (options_.keep_all_panes || sealed_through_ == kBeginningOfTime) return;
  const EventTime fine_floor =
      AlignDown(sealed_through_ - 2 * grid_.LongestFineWindow(), kPaneWidth);
  if (fine_floor < kept_.fine_floor + std::chrono::minutes(1)) return;
  kept_.fine_floor = std::max(kept_.fine_floor, fine_floor);
  const Duration kept = grid_.LongestWindow() + grid_.coarse;
  const EventTime maturing = sealed_through_ - source_.label_horizon - source_.label_lateness;
  // A label log that never comes along must not keep panes for ever.
  const EventTime bound = maturing - kept - std::chrono::days(2);
  // At least as long as fine panes, so that views of both kinds reach back equally far.
  const EventTime wanted = std::min(std::min(maturing, matured_through_) - kept, fine_floor);
  kept_.coarse_floor =
      std::max(kept_.coarse_floor, AlignDown(std::max(wanted, bound), grid_.coarse));
  kept_.fine_floor = std::max(kept_.fine_floor, kept_.coarse_floor);
  const auto forget = [&](Touched& touched, char tag, PaneIndex floor) {
    const auto first_kept = touched.lower_bound(floor);
    for (auto at = touched.begin(); options_.durable && at != first_kept; ++at) {
      forgotten_.ErasePrefix(KeyWriter().Tag(tag).Number(at->first).Take());
    }
    touched.erase(touched.begin(), first_kept);
  };
  forget(fine_touched_, 'f', PaneOf(kept_.fine_floor));
  forget(coarse_touched_, 'c', PaneOf(kept_.coarse_floor, grid_.coarse));
  for (auto at = series_.begin(); at != series_.end();) {
    Series* series = at->second.get();
    series->Forget(kept_.fine_floor, kept_.coarse_floor);
    if (!series->empty()) {
      ++at;
      continue;
    }
    ForgetSeries(series);
    at = series_.erase(at);
  }
}

void SourceMonitor::ForgetSeries(Series* series) {
  const SeriesKey& key = series->key();
  admission_.Removed(key);
  by_number_.erase(series->number());
  if (options_.durable) forgotten_.Erase(KeyWriter("b").Number(series->number()).Take());
  for (auto& [id, shard] : shards_) {
    for (SeriesId local = 0; local < shard.resolved.size(); ++local) {
      if (shard.resolved[local] != series) continue;
      shard.resolved[local] = nullptr;
      if (options_.durable && shard.keys[local] != key) {
        forgotten_.Erase(KeyWriter("r").Number(id).Number(local).Take());
      }
    }
  }
  const Subject subject{key.unit, key.variant, key.slice};
  std::erase(subjects_[subject], series);
  if (subjects_[subject].empty()) subjects_.erase(subject);
  ++subjects_version_;
}

std::vector<const Series*> SourceMonitor::WithPane(const Touched& touched, PaneIndex pane,
                                                   bool wholes) {
  std::vector<const Series*> series;
  if (const auto at = touched.find(pane); at != touched.end()) {
    std::copy_if(at->second.begin(), at->second.end(), std::back_inserter(series),
                 [&](const Series* each) { return each->key().slice.whole() == wholes; });
  }
  std::sort(series.begin(), series.end(),
            [](const Series* a, const Series* b) { return a->key() < b->key(); });
  return series;
}

// --- Views ---

Aggregate SourceMonitor::Total(const Subject& subject, std::size_t slot) const {
  Aggregate total;
  if (const auto at = subjects_.find(subject); at != subjects_.end()) {
    for (const Series* series : at->second) total += series->total(slot);
  }
  return total;
}

// The shortest of the shards'.
std::optional<Duration> SourceMonitor::horizon_limit() const {
  std::optional<Duration> least;
  for (const auto& [shard, waiting] : pending_) {
    if (waiting.horizon_limit && (!least || *waiting.horizon_limit < *least)) {
      least = waiting.horizon_limit;
    }
  }
  return least;
}

std::shared_ptr<const SourceView> SourceMonitor::View(bool catching_up) const {
  auto view = std::make_shared<SourceView>();
  view->name = source_.name;
  view->watermarks = logs_.Honoured();
  view->sealed_through = sealed_through_;
  view->matured_through = matured_through_;
  view->held_back_by = logs_.held_back_by();
  view->catching_up = catching_up;
  view->logs = logs_.Views();
  for (const auto& [name, outcomes] : labels_) view->labels.push_back(outcomes);
  view->decisions = decisions_;
  view->identity_in_two_logs = identity_in_two_logs_;
  for (const LogView& log : view->logs) view->late_for_sealed += log.counters.late_for_sealed;
  view->folded_events = folded_;
  for (const auto& [shard, waiting] : pending_) {
    view->pending += waiting.entries;
    view->pending_bytes += waiting.bytes;
  }
  view->horizon_limit = horizon_limit();
  return view;
}

void SourceMonitor::AppendSeries(std::vector<std::shared_ptr<const SeriesView>>& out) const {
  for (const auto& [key, series] : series_) out.push_back(series->View());
}

}  // namespace guardwatch
