#include <algorithm>
#include <string>
#include <utility>

#include "base/duration.h"
#include "monitor/source_monitor.h"
#include "window/aggregate_record.h"
#include "window/series_record.h"

// The durable state of a source in the monitor.
//
// Records: 'a' the source itself, 'b' series by number, 'c' coarse and 'f' fine panes by pane and
// series (coarse ones alone where both are as wide), 'e' epochs, 'g' what shards reported, 'r'
// series of shards that are counted under another name. In the order of keys each refers only to
// what came before. Running totals are not kept: they are the sums of panes.

namespace guardwatch {

void SourceMonitor::TakeChanges(StateChanges& out) {
  out.Append(std::exchange(forgotten_, {}));
  ByteWriter head;
  head.Signed(grid_.coarse.count());
  head.Time(sealed_through_);
  head.Time(matured_through_);
  head.Time(last_data_end_);
  head.Time(last_scored_end_);
  head.Time(kept_.fine_floor);
  head.Time(kept_.coarse_floor);
  head.Varint(next_series_);
  head.Varint(grid_.slots.size());
  for (const WindowGrid::Slot& slot : grid_.slots) {
    head.Signed(slot.window.count());
    head.Byte(static_cast<std::uint8_t>(slot.view));
    head.Time(slot.end);
  }
  head.Time(kept_.coarse_through);
  out.Put("a", head.Take());
  out.Put("e", epochs_.Record());
  for (; series_kept_ < next_series_; ++series_kept_) {
    const auto series = by_number_.find(series_kept_);
    if (series == by_number_.end()) continue;
    ByteWriter record;
    WriteSeriesKey(record, series->second->key());
    out.Put(KeyWriter("b").Number(series_kept_).Take(), record.Take());
  }
  ByteWriter written;  // One pane after the other: they are many.
  Aggregate room;
  const auto put_panes = [&](auto& changed, char tag, bool fine) {
    std::sort(changed.begin(), changed.end());
    changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
    for (const auto& [pane, number] : changed) {
      const auto series = by_number_.find(number);
      if (series == by_number_.end()) continue;
      if (fine && PaneStart(pane) < kept_.fine_floor) continue;  // Forgotten since.
      const PaneStore& panes = fine ? series->second->fine() : series->second->coarse();
      const Aggregate* total = panes.Find(pane, room);
      if (total == nullptr) continue;  // Likewise.
      written.Clear();
      WriteAggregate(written, *total);
      // A copy has no room to grow: a checkpoint can be of a hundred thousand panes.
      out.Put(KeyWriter().Tag(tag).Number(pane).Number(number).Take(),
              std::string(written.bytes()));
    }
    changed.clear();
  };
  put_panes(changed_fine_, 'f', true);
  put_panes(changed_coarse_, 'c', false);
  for (const auto& [shard, id] : folded_names_) {
    const Series* series = shards_[shard].resolved[id];
    if (series == nullptr) continue;
    ByteWriter record;
    record.Varint(series->number());
    out.Put(KeyWriter("r").Number(shard).Number(id).Take(), record.Take());
  }
  folded_names_.clear();
  StateChanges logs;
  logs_.TakeChanges(logs);
  out.Append(std::move(logs), "g");
}

Result<void> SourceMonitor::LoadHead(ByteReader& in) {
  const Duration coarse(in.Signed());
  sealed_through_ = in.Time();
  matured_through_ = in.Time();
  last_data_end_ = in.Time();
  last_scored_end_ = in.Time();
  kept_.fine_floor = in.Time();
  kept_.coarse_floor = in.Time();
  next_series_ = series_kept_ = static_cast<std::uint32_t>(in.Varint());
  for (std::size_t left = in.Count(); left > 0 && !in.bad(); --left) {
    const Duration window(in.Signed());
    const auto view = in.Enumerator<WindowViewKind>(2);
    const EventTime end = in.Time();
    for (WindowGrid::Slot& slot : grid_.slots) {
      if (slot.window == window && slot.view == view) slot.end = end;
    }
  }
  // Versions that did not write it added every change to the coarse pane at once.
  kept_.coarse_through = in.done() ? std::max(kept_.coarse_through, last_data_end_) : in.Time();
  if (!in.done()) return Fail("a record of source " + source_.name + " cannot be understood");
  if (coarse != grid_.coarse) {
    return Fail("the state of source " + source_.name + " was kept in panes of " +
                FormatDuration(coarse) + ", and windows and label_horizon as configured now need " +
                FormatDuration(grid_.coarse));
  }
  return {};
}

bool SourceMonitor::LoadSeries(std::uint32_t number, ByteReader& in) {
  const SeriesKey key = ReadSeriesKey(in, source_.name);
  if (!in.done() || number >= next_series_ || series_.contains(key)) return false;
  NewSeries(key, number);
  return true;
}

bool SourceMonitor::LoadPane(bool fine, PaneIndex pane, std::uint32_t number, ByteReader& in) {
  const auto series = by_number_.find(number);
  Aggregate total = ReadAggregate(in);
  if (!in.done() || series == by_number_.end() || (fine && grid_.one_width())) return false;
  series->second->RestorePane(fine, pane, std::move(total));
  (fine ? fine_touched_ : coarse_touched_)[pane].push_back(series->second);
  if (!fine && grid_.one_width() && PaneStart(pane) >= kept_.fine_floor) {
    fine_touched_[pane].push_back(series->second);
  }
  return true;
}

Result<void> SourceMonitor::Load(const StateRecord& record) {
  KeyReader key(record.key);
  ByteReader in(record.value);
  const char tag = key.Tag();
  bool understood = false;
  if (tag == 'a') {
    return LoadHead(in);
  } else if (tag == 'b') {
    const std::uint32_t number = key.Number32();
    understood = key.done() && LoadSeries(number, in);
  } else if (tag == 'c' || tag == 'f') {
    const PaneIndex pane = key.Number64();
    const std::uint32_t number = key.Number32();
    understood = key.done() && LoadPane(tag == 'f', pane, number, in);
  } else if (tag == 'e') {
    understood = key.done() && epochs_.Load(record.value);
  } else if (tag == 'g') {
    understood = logs_.Load({record.key.substr(1), record.value});
  } else if (tag == 'r') {
    const std::uint32_t shard_id = key.Number32();
    const SeriesId id = key.Number32();
    const auto series = by_number_.find(static_cast<std::uint32_t>(in.Varint()));
    understood = key.done() && in.done() && series != by_number_.end() && id < (1u << 24);
    if (understood) {
      ShardSeries& shard = shards_[shard_id];
      shard.keys.resize(std::max<std::size_t>(shard.keys.size(), id + 1));
      shard.resolved.resize(shard.keys.size());
      shard.resolved[id] = series->second;
    }
  }
  if (understood) return {};
  return Fail("a record of source " + source_.name + " cannot be understood");
}

void SourceMonitor::Restored() {
  for (const auto& [key, series] : series_) series->Restored(kept_.fine_floor);
}

}  // namespace guardwatch
