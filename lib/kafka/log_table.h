#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/statistics.h"
#include "source/source.h"

namespace guardwatch {

// What a consumer knows of each log it was assigned: its name, its position, and whether it can be
// read. A log can be read once it has answered with a record or its end; it cannot after an error
// of its own, or while the broker that has it, or every one, is down.
//
// A log that the cluster did not have or could not serve for a while is in doubt when it is there
// again: it may be another one of the same name. It is asked for the last record that was read,
// which has to be the one that was kept in mind.
class LogTable {
 public:
  explicit LogTable(std::chrono::milliseconds stuck_after = std::chrono::seconds(60))
      : stuck_after_(stuck_after) {}

  // The index of the new log; `next_offset` is -1 where it is not known yet. A log with a mark
  // before that is in doubt from the start, kBack.
  std::uint32_t Add(LogName name, std::int64_t next_offset,
                    const std::optional<RecordMark>& mark = std::nullopt);

  std::size_t size() const { return names_.size(); }
  const LogName& name(std::uint32_t log) const { return names_[log]; }
  std::optional<std::uint32_t> Find(const LogName& name) const;
  std::int64_t next_offset(std::uint32_t log) const { return statuses_[log].next_offset; }
  std::span<const LogStatus> statuses() const { return statuses_; }

  // Where the log is to be read from, once that was looked up.
  void SetStart(std::uint32_t log, std::int64_t offset) { statuses_[log].next_offset = offset; }

  // False for a record that was read before, which is to be passed over.
  bool TakeRecord(std::uint32_t log, std::int64_t offset) {
    LogStatus& status = statuses_[log];
    if (!status.readable) [[unlikely]]
      TakeAnswer(log, offset);
    if (offset < status.next_offset) [[unlikely]]
      return false;
    status.next_offset = offset + 1;
    return true;
  }

  // Keeps the last record in mind; called now and then, after TakeRecord.
  void TakeMark(std::uint32_t log, const RecordMark& mark) { statuses_[log].last_read = mark; }

  // The log has no record at `offset` yet, and had all before it.
  void TakeEnd(std::uint32_t log, std::int64_t offset);

  // The broker's bounds of the log, negative where it does not tell; the end is less than the
  // position where it is old.
  void TakeBounds(std::uint32_t log, std::int64_t start_offset, std::int64_t end_offset);

  // The log cannot be read until it answers again.
  void TakeError(std::uint32_t log, std::string text);

  // The cluster does not have the log, and says so.
  void TakeGone(std::uint32_t log, std::string text);

  // The log does not hold its next offset, and is now asked for its start. The position is unknown
  // until it answers; that is a reset, which its error names for good.
  void TakeOffsetOutOfRange(std::uint32_t log);

  // No log can be read until it answers, or the statistics say that its broker is back.
  void TakeBrokersDown(std::string_view text);

  void TakeStatistics(const KafkaStatistics& statistics, std::chrono::steady_clock::time_point now);

  // A log in doubt is not to be read, but to be read from its mark on, the offset of which
  // BeginCheck returns, and what comes first there is to be given to TakeCheck.
  enum class Doubt : std::uint8_t {
    kNone,
    kAway,      // Not there when it was last heard of.
    kBack,      // There again; the check is to begin.
    kChecking,  // Asked for its mark.
    kAnother,   // Has another record there; reading it from its start is to begin.
  };
  Doubt doubt(std::uint32_t log) const { return identities_[log].doubt; }
  void TakeBack(std::uint32_t log);
  std::int64_t BeginCheck(std::uint32_t log);
  // Nullopt if the log ends at the mark. What it holds of another log is as after
  // TakeOffsetOutOfRange, and is not to be read before BeginAnew.
  void TakeCheck(std::uint32_t log, const std::optional<RecordMark>& found);
  void BeginAnew(std::uint32_t log) { identities_[log].doubt = Doubt::kNone; }

 private:
  struct Trouble {
    std::string error;                      // The log's own, until it answers.
    std::optional<std::int64_t> lost_from;  // The position that was lost, until it answers.
    std::optional<std::int64_t> asked_for;  // The mark's offset, if it was that which is not there.
    std::string gap;                        // What could not be read.
  };
  struct Identity {
    bool answered = false;
    bool gone = false;               // Since it last answered.
    std::int64_t start_offset = -1;  // The greatest that was seen.
    Doubt doubt = Doubt::kNone;
  };
  struct Standstill {
    std::int64_t at = -1;
    std::chrono::steady_clock::time_point since;
  };

  void TakeAnswer(std::uint32_t log, std::int64_t offset);
  void TakeReset(std::uint32_t log, std::int64_t from, std::int64_t to);
  static ResetReason ReasonFor(const Identity& identity, std::int64_t from, std::int64_t to);
  void TakePartition(std::uint32_t log, const KafkaStatistics::Partition& partition,
                     const KafkaStatistics& statistics);
  void TakeStableOffset(std::uint32_t log, const KafkaStatistics::Partition& partition,
                        std::chrono::steady_clock::time_point now);
  void SetReadable(std::uint32_t log);
  void SetUnreadable(std::uint32_t log, std::string error);
  void SetAway(std::uint32_t log, std::string error);

  const std::chrono::milliseconds stuck_after_;
  std::vector<LogName> names_;
  std::vector<LogStatus> statuses_;
  std::vector<Trouble> troubles_;
  std::vector<Identity> identities_;
  std::vector<Standstill> standstills_;
  std::map<LogName, std::uint32_t> indexes_;
};

}  // namespace guardwatch
