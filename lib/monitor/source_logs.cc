#include "monitor/source_logs.h"

#include <algorithm>

#include "base/bytes.h"

namespace guardwatch {
namespace {

constexpr std::ptrdiff_t kResetsKept = 8;  // Per log.

bool Excused(LogState state) { return state >= LogState::kIdle; }

bool Carries(const LogDefinition& log, bool labels) {
  return labels ? log.carries.labels : log.carries.scores || log.carries.decisions;
}

// Of two states of one log the one that tells more: what is wrong before what is fine.
LogState Worse(LogState a, LogState b) {
  if (a == LogState::kUnavailable || b == LogState::kUnavailable) return LogState::kUnavailable;
  return std::min(a, b);
}

}  // namespace

void SourceLogs::Expect(std::uint32_t shard) { shards_.try_emplace(shard); }

bool SourceLogs::Take(const ShardBatch& batch) {
  Shard& shard = shards_[batch.shard];
  if (batch.sequence != shard.next_sequence) return false;
  for (const LogChange& change : batch.logs) {
    if (change.log < shard.logs.size() && shard.logs[change.log].latest.to != change.from) {
      return false;
    }
  }
  ++shard.next_sequence;
  shard.honoured = batch.honoured;
  for (const LogDefinition& definition : batch.new_logs) {
    shard.logs.resize(std::max<std::size_t>(shard.logs.size(), definition.log + 1));
    shard.logs[definition.log].definition = definition;
  }
  for (const LogChange& change : batch.logs) {
    Log& log = shard.logs[change.log];
    log.offsets.Note(change);
    log.latest = change;
    log.counters += change.counters;
    log.reset_count += static_cast<std::int64_t>(change.resets.size());
    log.resets.insert(log.resets.end(), change.resets.begin(), change.resets.end());
    if (log.resets.size() > kResetsKept) {
      log.resets.erase(log.resets.begin(), log.resets.end() - kResetsKept);
    }
    log.latest.resets.clear();
    log.latest.passages.clear();
    log.latest.last_rejects.clear();
    for (const LastReject& reject : change.last_rejects) log.last_rejects[reject.reason] = reject;
  }
  return true;
}

EventTime SourceLogs::Least(bool labels, EventTime before, std::string* held_back_by) const {
  const Duration lateness = labels ? source_.label_lateness : source_.allowed_lateness;
  EventTime least = kEndOfTime;
  bool any_carries = false;
  bool all_finished = true;
  for (const auto& [id, shard] : shards_) {
    if (shard.next_sequence == 0) return before;
    for (const Log& log : shard.logs) {
      if (!Carries(log.definition, labels)) continue;
      any_carries = true;
      all_finished = all_finished && log.latest.state == LogState::kFinished;
      if (Excused(log.latest.state)) continue;
      const EventTime own =
          log.latest.progress ? *log.latest.progress - lateness : kBeginningOfTime;
      if (own >= least) continue;
      least = own;
      if (held_back_by != nullptr) {
        *held_back_by = log.definition.topic + "/" + std::to_string(log.definition.partition);
      }
    }
  }
  if (least == kEndOfTime && any_carries && !all_finished) return before;  // All are excused.
  return std::max(before, least);
}

bool SourceLogs::LabelsAreSilent() const {
  bool any = false;
  for (const auto& [id, shard] : shards_) {
    for (const Log& log : shard.logs) {
      if (!Carries(log.definition, true)) continue;
      any = true;
      if (!Excused(log.latest.state)) return false;
    }
  }
  return any;
}

bool SourceLogs::Complete() const {
  return std::all_of(shards_.begin(), shards_.end(),
                     [](const auto& each) { return each.second.next_sequence > 0; });
}

const Watermarks& SourceLogs::Propose() {
  held_back_by_.clear();
  if (shards_.empty()) return proposed_;
  proposed_.scores = Least(false, proposed_.scores, &held_back_by_);
  proposed_.labels = Least(true, proposed_.labels, nullptr);
  if (LabelsAreSilent()) {
    // Reviews come in batches, with silence in between. Nobody waits for silent logs, but a label
    // that is no more than its lateness behind the scores still finds its score.
    proposed_.labels = std::max(proposed_.labels, proposed_.scores - source_.label_lateness);
  }
  return proposed_;
}

Watermarks SourceLogs::Honoured() const {
  if (shards_.empty()) return {};
  Watermarks least{kEndOfTime, kEndOfTime};
  for (const auto& [id, shard] : shards_) {
    least.scores = std::min(least.scores, shard.honoured.scores);
    least.labels = std::min(least.labels, shard.honoured.labels);
  }
  return least;
}

bool SourceLogs::AnyEvent() const {
  return std::any_of(shards_.begin(), shards_.end(), [](const auto& shard) {
    return std::any_of(shard.second.logs.begin(), shard.second.logs.end(),
                       [](const Log& log) { return log.latest.progress.has_value(); });
  });
}

bool SourceLogs::Behind(WallTime wall, Duration bound) const {
  for (const auto& [id, shard] : shards_) {
    if (shard.next_sequence == 0) return true;
    for (const Log& log : shard.logs) {
      if (log.latest.at_end || Excused(log.latest.state)) continue;
      if (!log.latest.progress) return true;
      if (Micros(wall) - Micros(*log.latest.progress) > bound.count()) return true;
    }
  }
  return false;
}

std::vector<LogView> SourceLogs::Views() const {
  std::map<std::pair<std::string, std::int32_t>, LogView> merged;
  for (const auto& [id, shard] : shards_) {
    for (const Log& log : shard.logs) {
      const auto [at, is_new] =
          merged.try_emplace({log.definition.topic, log.definition.partition});
      LogView& view = at->second;
      const LogChange& latest = log.latest;
      if (is_new) {
        view.topic = log.definition.topic;
        view.partition = log.definition.partition;
        view.carries = log.definition.carries;
        view.state = latest.state;
        view.at_end = latest.at_end;
        view.stuck = latest.stuck;
        view.next_offset = latest.to;
        view.progress = latest.progress;
      } else {
        view.state = Worse(view.state, latest.state);
        view.at_end = view.at_end && latest.at_end;
        view.next_offset = std::min(view.next_offset, latest.to);
        view.progress = std::min(view.progress, latest.progress);
      }
      view.counters += log.counters;
      for (const auto& [reason, reject] : log.last_rejects) view.last_rejects.push_back(reject);
      // Every shard of a log that all of them read reports the same resets.
      if (log.reset_count > view.reset_count) {
        view.reset_count = log.reset_count;
        view.resets = log.resets;
      }
    }
  }
  std::vector<LogView> views;
  views.reserve(merged.size());
  for (auto& [name, view] : merged) views.push_back(std::move(view));
  return views;
}

std::vector<LogRange> SourceLogs::RangesOf(EventTime from, EventTime to, bool labels) const {
  std::map<std::pair<std::string, std::int32_t>, LogRange> merged;
  for (const auto& [id, shard] : shards_) {
    for (const Log& log : shard.logs) {
      const LogDefinition& definition = log.definition;
      const bool scores = Carries(definition, false);
      if (!scores && !(labels && definition.carries.labels)) continue;
      // An event may be ahead of its record's timestamp by the allowed lateness.
      EventTime first = from - source_.allowed_lateness;
      EventTime last = to;
      Duration late = source_.allowed_lateness;
      if (labels && definition.carries.labels) {
        first -= source_.label_early;
        last += source_.label_horizon;
        late = std::max(late, source_.label_lateness);
      }
      const auto range = log.offsets.Range(first, last, late);
      if (!range || range->from >= range->to) continue;
      const auto [at, is_new] = merged.try_emplace({definition.topic, definition.partition});
      LogRange& known = at->second;
      known.topic = definition.topic;
      known.partition = definition.partition;
      known.first = is_new ? range->from : std::min(known.first, range->from);
      known.last = is_new ? range->to - 1 : std::max(known.last, range->to - 1);
    }
  }
  std::vector<LogRange> ranges;
  ranges.reserve(merged.size());
  for (auto& [name, range] : merged) ranges.push_back(std::move(range));
  return ranges;
}

// --- Durable state ---
//
// Records: 'p' the proposed watermarks, 's' what a shard last reported, 't' where one of its logs
// came into a stretch of event time.

void SourceLogs::TakeChanges(StateChanges& out) {
  for (auto& [id, shard] : shards_) {
    for (std::size_t i = 0; i < shard.logs.size(); ++i) {
      LogOffsets& offsets = shard.logs[i].offsets;
      const auto key_of = [&, shard_id = id](PaneIndex pane) {
        return KeyWriter("t").Number(shard_id).Number(static_cast<std::uint32_t>(i)).Number(pane);
      };
      const LogOffsets::Changes changes = offsets.TakeChanges();
      for (const PaneIndex pane : changes.forgotten) out.Erase(key_of(pane).Take());
      for (const PaneIndex pane : changes.entered) {
        const auto passage = offsets.passages().find(pane);
        if (passage == offsets.passages().end()) continue;
        ByteWriter record;
        record.Signed(passage->second);
        out.Put(key_of(pane).Take(), record.Take());
      }
    }
  }
  ByteWriter head;
  head.Time(proposed_.scores);
  head.Time(proposed_.labels);
  out.Put("p", head.Take());
  for (const auto& [id, shard] : shards_) {
    if (shard.next_sequence == 0) continue;  // Has not reported yet.
    ByteWriter record;
    record.Varint(shard.next_sequence);
    record.Time(shard.honoured.scores);
    record.Time(shard.honoured.labels);
    record.Varint(shard.logs.size());
    for (const Log& log : shard.logs) {
      const LogDefinition& definition = log.definition;
      record.Text(definition.topic);
      record.Signed(definition.partition);
      record.Bool(definition.carries.scores);
      record.Bool(definition.carries.decisions);
      record.Bool(definition.carries.labels);
      record.Signed(log.latest.to);
      record.Bool(log.latest.progress.has_value());
      if (log.latest.progress) record.Time(*log.latest.progress);
      record.Byte(static_cast<std::uint8_t>(log.latest.state));
      record.Bool(log.latest.at_end);
    }
    out.Put(KeyWriter("s").Number(id).Take(), record.Take());
  }
}

bool SourceLogs::Load(const StateRecord& record) {
  KeyReader key(record.key);
  ByteReader in(record.value);
  const char tag = key.Tag();
  if (tag == 'p') {
    proposed_.scores = in.Time();
    proposed_.labels = in.Time();
    return key.done() && in.done();
  }
  Shard& shard = shards_[key.Number32()];
  if (tag == 't') {
    const std::uint32_t log = key.Number32();
    const PaneIndex pane = key.Number64();
    const LogPassage passage{pane, in.Signed()};
    if (!key.done() || !in.done() || log >= shard.logs.size()) return false;
    shard.logs[log].offsets.Restore(passage);
    return true;
  }
  if (tag != 's' || !key.done()) return false;
  shard.next_sequence = in.Varint();
  shard.honoured.scores = in.Time();
  shard.honoured.labels = in.Time();
  for (std::size_t left = in.Count(); left > 0 && !in.bad(); --left) {
    Log log;
    log.definition.log = static_cast<std::uint32_t>(shard.logs.size());
    log.definition.topic = in.Text();
    log.definition.partition = static_cast<std::int32_t>(in.Signed());
    log.definition.carries.scores = in.Bool();
    log.definition.carries.decisions = in.Bool();
    log.definition.carries.labels = in.Bool();
    log.latest.log = log.definition.log;
    log.latest.from = log.latest.to = in.Signed();
    if (in.Bool()) log.latest.progress = in.Time();
    log.latest.state = in.Enumerator<LogState>(5);
    log.latest.at_end = in.Bool();
    log.offsets.RestoreEnd(log.latest.to);
    shard.logs.push_back(std::move(log));
  }
  return in.done();
}

}  // namespace guardwatch
