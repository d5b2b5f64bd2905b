#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/log_position.h"
#include "base/result.h"
#include "base/time.h"

// The seam through which records come in. A source reads a set of logs (topic partitions) for one
// worker thread; all calls come from that thread. Implementations: Kafka, files, the demo stream.

namespace guardwatch {

struct LogName {
  std::string topic;
  std::int32_t partition = 0;
  friend auto operator<=>(const LogName&, const LogName&) = default;
};

// One log that a worker reads; its place in the assignment is the log's index.
struct LogAssignment {
  LogName name;
  std::int64_t next_offset = 0;  // Where to start reading. kStartFromConfig: as configured.
  // Of the log whose offset that is: a record before it. Another record there is a PositionReset.
  std::optional<RecordMark> last_read = std::nullopt;
  static constexpr std::int64_t kStartFromConfig = -1;
};

// A record as it stands in its log. `payload` is valid until the next Poll; a null payload (a
// tombstone) has no data pointer.
struct Record {
  std::uint32_t log = 0;  // Index into the assignment.
  std::int64_t offset = 0;
  std::optional<EventTime> timestamp;  // Nullopt where the log keeps none (files; -1 on a broker).
  std::string_view payload;
};

// A change of a log's position other than by reading. Reading goes on at the start of what the log
// holds: after kRetention the records between `from` and `to` are lost; after the others the log
// is read from its start, and what it has in common with the one before comes again.
struct PositionReset {
  std::int64_t from = 0;  // The offset that was to be read next.
  std::int64_t to = 0;    // The offset that was read next instead.
  ResetReason reason = ResetReason::kOutOfRange;
  friend bool operator==(const PositionReset&, const PositionReset&) = default;
};

// What a source knows of one of its logs, besides records.
struct LogStatus {
  std::int64_t next_offset = -1;  // The next offset that Poll will return; -1 before it is known.
  std::int64_t end_offset = -1;   // One past the last offset it holds now; -1 before it is known.
  bool readable = false;          // Connected and being served.
  bool finished = false;          // Nothing will ever follow (the end of a file).
  std::string error;              // Why it is not readable, for people.
  // To be kept with next_offset, and given back with it. Nullopt where the source keeps none.
  std::optional<RecordMark> last_read;

  std::int64_t resets = 0;  // Of the position, since the log was assigned.
  std::optional<PositionReset> last_reset;

  // Readable, but not past this point: records follow, of a transaction that has been open for
  // long, or after one.
  bool stuck_at_lso = false;
};

class EventSource {
 public:
  virtual ~EventSource() = default;

  // Records in log order, from any of the assigned logs, waiting at most `wait` for the first.
  // Empty when none came. The span and the payloads are valid until the next call. Never fails:
  // trouble shows in Status, and the source keeps retrying.
  virtual std::span<const Record> Poll(std::chrono::milliseconds wait) = 0;

  // One per assigned log, in order. Cheap; valid until the next call.
  virtual std::span<const LogStatus> Status() = 0;

  // Adds logs at run time (partitions that appeared later). Indexes continue.
  virtual Result<void> Assign(std::vector<LogAssignment> more) = 0;
};

}  // namespace guardwatch
