#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "monitor/log_offsets.h"
#include "monitor/options.h"
#include "monitor/snapshot.h"
#include "window/batch.h"

namespace guardwatch {

// The logs of a source as its shards report them, and what follows for the source's watermarks.
class SourceLogs {
 public:
  explicit SourceLogs(const MonitoredSource& source) : source_(source) {}

  // A shard that must report before anything can be said.
  void Expect(std::uint32_t shard);

  // False: the batch does not continue what was taken of its shard. Then nothing is changed.
  bool Take(const ShardBatch& batch);

  // Lower bounds of the event time still to come; they never go back. Logs without an event hold
  // them at the beginning of time, excused ones are left out, and where nothing can follow they are
  // at the end of time.
  const Watermarks& Propose();

  // What every shard has promised to hold its events against.
  Watermarks Honoured() const;

  // topic/partition of the log that holds the score watermark; empty if none does.
  const std::string& held_back_by() const { return held_back_by_; }

  bool AnyEvent() const;
  // Every expected shard has reported; see MonitorThread.
  bool Complete() const;
  // Some log that others wait for has more to read, and stands more than `bound` before the wall
  // clock.
  bool Behind(WallTime wall, Duration bound) const;

  // Where the events of [from, to) stand in logs that carry scores or decisions, and with `labels`
  // in those that carry labels for them: a bound, for each log that remembers. By topic and
  // partition.
  std::vector<LogRange> RangesOf(EventTime from, EventTime to, bool labels) const;

  // Durable state: everything but counters, and the way back, before any batch. False: a record
  // that cannot be understood.
  void TakeChanges(StateChanges& out);
  bool Load(const StateRecord& record);

  // One per log, by topic and partition; a log that several shards read is merged.
  std::vector<LogView> Views() const;

 private:
  struct Log {
    LogDefinition definition;
    LogChange latest;
    LogCounters counters;
    std::vector<LogReset> resets;  // The latest, newest last.
    std::int64_t reset_count = 0;
    std::map<RejectReason, LastReject> last_rejects;
    LogOffsets offsets;
  };
  struct Shard {
    std::uint64_t next_sequence = 0;
    Watermarks honoured;
    std::vector<Log> logs;
  };

  // There are logs that carry labels, and none of them is waited for.
  bool LabelsAreSilent() const;
  EventTime Least(bool labels, EventTime before, std::string* held_back_by) const;

  const MonitoredSource& source_;
  std::map<std::uint32_t, Shard> shards_;
  Watermarks proposed_;
  std::string held_back_by_;
};

}  // namespace guardwatch
