#pragma once

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
class LogTable {
 public:
  // The index of the new log; `next_offset` is -1 where it is not known yet.
  std::uint32_t Add(LogName name, std::int64_t next_offset);

  std::size_t size() const { return names_.size(); }
  const LogName& name(std::uint32_t log) const { return names_[log]; }
  std::optional<std::uint32_t> Find(const LogName& name) const;
  std::int64_t next_offset(std::uint32_t log) const { return statuses_[log].next_offset; }
  std::span<const LogStatus> statuses() const { return statuses_; }

  // False for a record that was read before, which is to be passed over.
  bool TakeRecord(std::uint32_t log, std::int64_t offset) {
    LogStatus& status = statuses_[log];
    if (offset < status.next_offset) [[unlikely]]
      return false;
    if (!status.readable) [[unlikely]]
      TakeAnswer(log, offset);
    status.next_offset = offset + 1;
    return true;
  }

  // The log has no record at `offset` yet, and had all before it.
  void TakeEnd(std::uint32_t log, std::int64_t offset);

  // The broker's end of the log; less than the position where it is old.
  void TakeEndOffset(std::uint32_t log, std::int64_t end_offset);

  // The log cannot be read until it answers again.
  void TakeError(std::uint32_t log, std::string text);

  // The log does not hold its next offset. The position is unknown until it answers again; its
  // error then names what is missing, for good.
  void TakeOffsetOutOfRange(std::uint32_t log);

  // No log can be read until it answers, or the statistics say that its broker is back.
  void TakeBrokersDown(std::string_view text);

  void TakeStatistics(const KafkaStatistics& statistics);

 private:
  struct Trouble {
    std::string error;                      // The log's own, until it answers.
    std::optional<std::int64_t> lost_from;  // The offset that was out of range, until it answers.
    std::string gap;                        // What could not be read.
  };

  void TakeAnswer(std::uint32_t log, std::int64_t offset);
  void SetReadable(std::uint32_t log);
  void SetUnreadable(std::uint32_t log, std::string error);

  std::vector<LogName> names_;
  std::vector<LogStatus> statuses_;
  std::vector<Trouble> troubles_;
  std::map<LogName, std::uint32_t> indexes_;
};

}  // namespace guardwatch
