#include "ingest/shard.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "window/pane.h"

namespace guardwatch {
namespace {

std::size_t LateAge(Duration lateness) {
  const auto bound = std::lower_bound(kLateAgeBounds.begin(), kLateAgeBounds.end(), lateness);
  return static_cast<std::size_t>(bound - kLateAgeBounds.begin());
}

// Orders logs by (topic, partition), and keeps the order when partitions are added later.
std::uint64_t RankOf(const LogSpec& log) {
  return (std::uint64_t{log.topic_rank} << 32) | static_cast<std::uint32_t>(log.partition);
}

void WriteMark(ByteWriter& out, const std::optional<RecordMark>& mark) {
  out.Bool(mark.has_value());
  if (!mark) return;
  out.Signed(mark->offset);
  out.Bool(mark->timestamp.has_value());
  if (mark->timestamp) out.Time(*mark->timestamp);
  out.Fixed(mark->digest);
}

std::optional<RecordMark> ReadMark(ByteReader& in) {
  if (!in.Bool()) return std::nullopt;
  RecordMark mark;
  mark.offset = in.Signed();
  if (in.Bool()) mark.timestamp = in.Time();
  mark.digest = in.Fixed<std::uint64_t>();
  return mark;
}

}  // namespace

Shard::Shard(const SourceOptions& source, std::uint32_t source_index, std::uint32_t shard_index,
             CarriedKinds source_carries, HashSeed seed)
    : source_(source),
      source_index_(source_index),
      shard_index_(shard_index),
      joiner_(source, source_carries, seed) {}

LogIndex Shard::AddLog(const LogSpec& spec, MonotonicTime now) {
  const auto known = std::find_if(logs_.begin(), logs_.end(), [&](const Log& log) {
    return log.spec.topic == spec.topic && log.spec.partition == spec.partition;
  });
  const auto index = static_cast<LogIndex>(known - logs_.begin());
  if (known != logs_.end()) {
    const std::int64_t next = known->change.to;
    LogProgress progress(source_, spec.carries, spec.starts_idle, now);
    progress.Restore(known->progress.progress(), known->restored.value_or(LogState::kWaiting));
    known->spec = spec;
    known->spec.next_offset = next;
    known->progress = progress;
    known->restored.reset();
  } else {
    Log log{spec, LogProgress(source_, spec.carries, spec.starts_idle, now), {}, {}, {}};
    log.change.log = index;
    log.change.from = log.change.to = spec.next_offset;
    logs_.push_back(std::move(log));
  }
  new_logs_.push_back({index, spec.topic, spec.partition, spec.carries});
  return index;
}

void Shard::Reset(LogIndex index, const LogReset& reset) {
  LogChange& change = logs_[index].change;
  // Shards share a reader, which goes back to the one that has read least: what was deleted may lie
  // before this one. Another log of the same name concerns all of them.
  if (reset.reason == ResetReason::kRetention && reset.to <= change.to) return;
  change.resets.push_back(reset);
  change.resets.back().from = change.to;
  change.to = reset.to;
  logs_[index].last_read.reset();
}

void Shard::NoteRead(Log& log, const RecordPlace& record) {
  log.change.to = record.offset + 1;
  if (log.spec.counts) log.change.counters.bytes += static_cast<std::int64_t>(record.bytes);
}

bool Shard::FromTheFuture(const RecordPlace& record, EventTime event, const Tick& tick) const {
  if (!record.timestamp) return false;
  const EventTime wall = EventTimeFromMicros(Micros(tick.wall));
  return event > *record.timestamp + source_.allowed_lateness ||
         *record.timestamp > wall + source_.allowed_lateness;
}

void Shard::Take(const RecordPlace& record, const Event& event, const Recognised& recognised,
                 const Tick& tick) {
  Log& log = logs_[record.log];
  if (record.offset < log.change.to) return;
  if (FromTheFuture(record, event.time, tick)) {
    return Reject(record, RejectReason::kFutureTimestamp, event, tick);
  }
  NoteRead(log, record);
  const bool label_event = event.kind == EventKind::kLabel;
  const std::optional<Duration> lateness = log.progress.Lateness(event.time, label_event);
  const Arrival arrival{.event = recognised,
                        .log = record.log,
                        .place = {RankOf(log.spec), record.offset},
                        .watermark_before = log.progress.score_watermark(),
                        .counts = log.spec.counts};
  const EventTime before = log.progress.progress().value_or(kBeginningOfTime);
  log.progress.Observe(event.time, record.timestamp, tick.monotonic);
  if (*log.progress.progress() >= log.next_passage) NotePassage(log, before, record.offset);
  LogCounters& counters = log.change.counters;
  if (log.spec.counts) ++counters.accepted[static_cast<std::size_t>(event.kind)];
  if (lateness) return CountLate(log, event, *lateness);
  if (!label_event && PaneEndOf(event.time) <= honoured_.scores) {
    ++counters.late_for_sealed;
    return;
  }
  bool fresh = true;
  switch (event.kind) {
    case EventKind::kScore:
    case EventKind::kCombined:
      fresh = joiner_.TakeScored(event, arrival);
      break;
    case EventKind::kDecision:
      fresh = joiner_.TakeDecision(event, arrival);
      break;
    case EventKind::kLabel:
      joiner_.TakeLabel(event, *event.label, arrival);
      break;
  }
  counters.duplicates += fresh ? 0 : 1;
}

void Shard::NotePassage(Log& log, EventTime before, std::int64_t offset) {
  const PaneIndex pane = PaneOf(*log.progress.progress(), LogPassage::kGrid);
  log.next_passage = PaneEnd(pane, LogPassage::kGrid);
  if (PaneOf(before, LogPassage::kGrid) == pane) return;  // Known from before a restart.
  log.change.passages.push_back({pane, offset});
}

void Shard::Reject(const RecordPlace& record, RejectReason reason, const Event& event,
                   const Tick& tick) {
  Log& log = logs_[record.log];
  if (record.offset < log.change.to) return;
  NoteRead(log, record);
  CountRejected(log, record, reason, tick);
  const bool counted_in_unit =
      reason == RejectReason::kScoreOutOfRange && !FromTheFuture(record, event.time, tick) &&
      !log.progress.Lateness(event.time, false) && PaneEndOf(event.time) > honoured_.scores;
  if (counted_in_unit) joiner_.TakeInvalidScore(event);
}

void Shard::CountRejected(Log& log, const RecordPlace& record, RejectReason reason,
                          const Tick& tick) {
  if (!log.spec.counts) return;
  ++log.change.counters.rejected[static_cast<std::size_t>(reason)];
  auto& last = log.change.last_rejects;
  const auto same = std::find_if(last.begin(), last.end(),
                                 [&](const LastReject& each) { return each.reason == reason; });
  LastReject& slot = same != last.end() ? *same : last.emplace_back();
  slot = {reason, record.offset, tick.wall};
}

void Shard::CountLate(Log& log, const Event& event, Duration lateness) {
  if (!log.spec.counts) return;
  ++log.change.counters.late[LateAge(lateness)];
  if (event.label) joiner_.CountLateLabel(event);
}

void Shard::Observe(LogIndex index, const LogHealth& health, std::int64_t next_offset,
                    const Tick& tick) {
  Log& log = logs_[index];
  if (next_offset > log.change.to) log.change.to = next_offset;
  if (health.last_read) log.last_read = health.last_read;
  log.progress.Observe(health, next_offset, tick.monotonic);
}

void Shard::Honour(const Watermarks& watermarks) {
  honoured_ = watermarks;
  joiner_.Advance(watermarks);
}

ShardBatch Shard::Flush() {
  ShardBatch batch;
  batch.source = source_index_;
  batch.shard = shard_index_;
  batch.sequence = sequence_++;
  batch.honoured = honoured_;
  batch.new_logs = std::exchange(new_logs_, {});
  for (Log& log : logs_) {
    log.change.progress = log.progress.progress();
    log.change.state = log.progress.state();
    log.change.at_end = log.progress.at_end();
    log.change.stuck = log.progress.stuck();
    const std::int64_t next = log.change.to;
    batch.logs.push_back(std::exchange(log.change, LogChange{}));
    log.change.log = batch.logs.back().log;
    log.change.from = log.change.to = next;
  }
  joiner_.FlushInto(batch);
  if (source_.durable) TakeChanges(batch.state);
  return batch;
}

// --- Durable state ---
//
// Records: 'g' the shard itself, 'o' logs by index, 'j' the joiner's.

void Shard::TakeChanges(StateChanges& out) const {
  StateChanges joined = std::move(out);
  out = {};
  out.Append(std::move(joined), "j");
  ByteWriter head;
  head.Varint(sequence_);
  head.Time(honoured_.scores);
  head.Time(honoured_.labels);
  out.Put("g", head.Take());
  for (const Log& log : logs_) {
    ByteWriter record;
    record.Text(log.spec.topic);
    record.Signed(log.spec.partition);
    record.Signed(log.change.to);
    record.Bool(log.progress.progress().has_value());
    if (log.progress.progress()) record.Time(*log.progress.progress());
    record.Byte(static_cast<std::uint8_t>(log.restored.value_or(log.progress.state())));
    WriteMark(record, log.last_read);
    out.Put(KeyWriter("o").Number(log.change.log).Take(), record.Take());
  }
}

bool Shard::LoadLog(std::uint32_t index, ByteReader& in) {
  LogSpec spec;
  spec.topic = in.Text();
  spec.partition = static_cast<std::int32_t>(in.Signed());
  spec.next_offset = in.Signed();
  std::optional<EventTime> reached;
  if (in.Bool()) reached = in.Time();
  const auto state = in.Enumerator<LogState>(5);
  const std::optional<RecordMark> last_read = ReadMark(in);
  if (!in.done() || index != logs_.size()) return false;
  Log log{spec, LogProgress(source_, spec.carries, false, {}), {}, last_read, state};
  log.progress.Restore(reached, LogState::kUnavailable);
  log.change.log = index;
  log.change.from = log.change.to = spec.next_offset;
  logs_.push_back(std::move(log));
  return true;
}

bool Shard::Load(const StateRecord& record) {
  KeyReader key(record.key);
  ByteReader in(record.value);
  switch (key.Tag()) {
    case 'g':
      sequence_ = in.Varint();
      honoured_.scores = in.Time();
      honoured_.labels = in.Time();
      return key.done() && in.done();
    case 'j':
      return joiner_.Load({record.key.substr(1), record.value});
    case 'o': {
      const std::uint32_t index = key.Number32();
      return key.done() && LoadLog(index, in);
    }
    default:
      return false;
  }
}

void Shard::Loaded() {
  joiner_.Loaded(honoured_);
  // The monitor learns every log anew, those that nobody adds any more included.
  for (const Log& log : logs_) {
    new_logs_.push_back({log.change.log, log.spec.topic, log.spec.partition, log.spec.carries});
  }
}

std::optional<ReadPosition> Shard::PositionOf(std::string_view topic,
                                              std::int32_t partition) const {
  for (const Log& log : logs_) {
    if (log.spec.topic != topic || log.spec.partition != partition) continue;
    return ReadPosition{log.change.to, log.last_read};
  }
  return std::nullopt;
}

}  // namespace guardwatch
