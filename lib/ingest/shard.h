#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/state_changes.h"
#include "base/time.h"
#include "event/event.h"
#include "event/reject.h"
#include "ingest/joiner.h"
#include "ingest/log_progress.h"
#include "ingest/options.h"
#include "window/batch.h"

namespace guardwatch {

struct LogSpec {
  std::string topic;
  std::uint32_t topic_rank = 0;  // Place of the topic among the source's topics, sorted by name.
  std::int32_t partition = 0;
  CarriedKinds carries;
  // A log that only carries labels is read by every shard; one of them counts its events.
  bool counts = true;
  bool starts_idle = false;  // A partition added later holds nobody back before its first event.
  std::int64_t next_offset = 0;
};

// A record's place in its log, and the time the log gave it.
struct RecordPlace {
  LogIndex log = 0;
  std::int64_t offset = 0;
  std::optional<EventTime> timestamp;
  std::size_t bytes = 0;
};

// Ingest of one shard: takes decoded events in the order of each log and turns them into
// ShardBatches. Pure: time comes in as Tick. Owned and called by one worker thread.
//
// Order of checks: decode (before), future, late, sealed, duplicate, join. So a late copy of a
// counted event is late, and a late event registers nothing.
class Shard {
 public:
  // `source` must outlive the shard. `source_carries`: what the source's topics carry together.
  Shard(const SourceOptions& source, std::uint32_t source_index, std::uint32_t shard_index,
        CarriedKinds source_carries, HashSeed seed);

  LogIndex AddLog(const LogSpec& spec, MonotonicTime now);

  // A record that was taken before, or lies before where the log was taken up, is ignored.
  void Take(const RecordPlace& record, const Event& event, const Tick& tick) {
    Recognised recognised;
    Recognise(event, record.log, recognised);
    Locate(event, recognised);
    Take(record, event, recognised, tick);
  }
  // The same in steps; see Joiner. No flush may lie between them.
  void Recognise(const Event& event, LogIndex log, Recognised& found) const {
    joiner_.Recognise(event, log, found);
  }
  void AskForPart(const Recognised& event) const { joiner_.AskForPart(event); }
  void AskForRequest(const Recognised& event) const { joiner_.AskForRequest(event); }
  void Locate(const Event& event, Recognised& found) { joiner_.Locate(event, found); }
  void AskForCell(const Recognised& event) const { joiner_.AskForCell(event); }
  void AskForBins(const Recognised& event) const { joiner_.AskForBins(event); }
  void Take(const RecordPlace& record, const Event& event, const Recognised& recognised,
            const Tick& tick);
  // `event` is valid if the reason is kScoreOutOfRange.
  void Reject(const RecordPlace& record, RejectReason reason, const Event& event, const Tick& tick);

  // The log does not go on where it was: what follows is at `to`.
  void Reset(LogIndex log, const LogReset& reset);

  // What the source knows of a log. Its next offset may be beyond the last record (compaction).
  void Observe(LogIndex log, const LogHealth& health, std::int64_t next_offset, const Tick& tick);

  // The source's watermarks, from the monitor. From here on every event is held against them.
  void Honour(const Watermarks& watermarks);

  // The changes since the last flush.
  ShardBatch Flush();

  // The way back from a checkpoint, before any log is added: every record in the order of keys,
  // then Loaded. False: a record that cannot be understood. A log that is added afterwards goes on
  // where the checkpoint left it.
  bool Load(const StateRecord& record);
  void Loaded();

  // From where a log must be read; nullopt for one that the shard does not know.
  std::optional<ReadPosition> PositionOf(std::string_view topic, std::int32_t partition) const;

  // What may wait in this shard, in bytes.
  void LimitPending(std::int64_t bytes) { joiner_.LimitPending(bytes); }

  std::int64_t pending() const { return joiner_.pending(); }
  std::uint32_t source_index() const { return source_index_; }
  std::uint32_t shard_index() const { return shard_index_; }

 private:
  struct Log {
    LogSpec spec;
    LogProgress progress;
    LogChange change;  // Since the last flush.
    std::optional<RecordMark> last_read;
    // A checkpoint knows it, but nobody has added it since: what its state was.
    std::optional<LogState> restored;
    EventTime next_passage = kBeginningOfTime;  // From there on one is to be noted.
  };

  void TakeChanges(StateChanges& out) const;
  bool LoadLog(std::uint32_t index, class ByteReader& in);
  bool FromTheFuture(const RecordPlace& record, EventTime event, const Tick& tick) const;
  void CountRejected(Log& log, const RecordPlace& record, RejectReason reason, const Tick& tick);
  void CountLate(Log& log, const Event& event, Duration lateness);
  void NoteRead(Log& log, const RecordPlace& record);
  // Takes note that the log's progress has come into another stretch of event time. `before`: where
  // it was; kBeginningOfTime before its first event.
  static void NotePassage(Log& log, EventTime before, std::int64_t offset);

  const SourceOptions& source_;
  const std::uint32_t source_index_;
  const std::uint32_t shard_index_;
  Joiner joiner_;
  std::vector<Log> logs_;
  std::vector<LogDefinition> new_logs_;
  Watermarks honoured_;
  std::uint64_t sequence_ = 0;
};

}  // namespace guardwatch
