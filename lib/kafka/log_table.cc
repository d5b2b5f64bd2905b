#include "kafka/log_table.h"

#include <algorithm>
#include <utility>

namespace guardwatch {
namespace {

std::string GapText(std::int64_t lost_from, std::int64_t resumed_at) {
  const std::string resumed = std::to_string(resumed_at);
  if (resumed_at > lost_from) {
    return "offsets " + std::to_string(lost_from) + " to " + std::to_string(resumed_at - 1) +
           " were no longer in the log; reading went on at " + resumed;
  }
  return "offset " + std::to_string(lost_from) +
         " is past the end of the log, which was cut or made anew; reading went on at its start, " +
         resumed;
}

}  // namespace

std::uint32_t LogTable::Add(LogName name, std::int64_t next_offset) {
  const auto log = static_cast<std::uint32_t>(names_.size());
  indexes_.emplace(name, log);
  names_.push_back(std::move(name));
  LogStatus& status = statuses_.emplace_back();
  status.next_offset = next_offset;
  status.error = "no answer from the brokers yet";
  troubles_.emplace_back();
  return log;
}

std::optional<std::uint32_t> LogTable::Find(const LogName& name) const {
  const auto found = indexes_.find(name);
  if (found == indexes_.end()) return std::nullopt;
  return found->second;
}

void LogTable::TakeEnd(std::uint32_t log, std::int64_t offset) {
  LogStatus& status = statuses_[log];
  if (!status.readable) TakeAnswer(log, offset);
  status.next_offset = std::max(status.next_offset, offset);
  TakeEndOffset(log, offset);
}

void LogTable::TakeEndOffset(std::uint32_t log, std::int64_t end_offset) {
  LogStatus& status = statuses_[log];
  if (end_offset >= 0) status.end_offset = std::max(end_offset, status.next_offset);
}

void LogTable::TakeError(std::uint32_t log, std::string text) {
  troubles_[log].error = text;
  SetUnreadable(log, std::move(text));
}

void LogTable::TakeOffsetOutOfRange(std::uint32_t log) {
  LogStatus& status = statuses_[log];
  Trouble& trouble = troubles_[log];
  trouble.lost_from = status.next_offset;
  TakeError(log, "offset " + std::to_string(status.next_offset) +
                     " is not in the log; looking for the start of the log");
  status.next_offset = -1;
  status.end_offset = -1;
}

void LogTable::TakeBrokersDown(std::string_view text) {
  for (std::uint32_t log = 0; log < names_.size(); ++log) SetUnreadable(log, std::string(text));
}

void LogTable::TakeStatistics(const KafkaStatistics& statistics) {
  for (std::uint32_t log = 0; log < names_.size(); ++log) {
    const auto found = statistics.partitions.find(names_[log]);
    // Only the log's own answer ends an error of its own, or tells where it is read from.
    if (found == statistics.partitions.end() || !troubles_[log].error.empty()) continue;
    const KafkaStatistics::Partition& partition = found->second;
    if (partition.unknown) {
      SetUnreadable(log, "the cluster does not have this topic or partition");
    } else if (partition.broker < 0) {
      SetUnreadable(log, "the partition has no leader");
    } else if (!statistics.IsUp(partition.broker)) {
      SetUnreadable(
          log, "broker " + std::to_string(partition.broker) + ", which has the partition, is down");
    } else if (partition.fetch_state == "active" && next_offset(log) >= 0) {
      SetReadable(log);
    }
  }
}

void LogTable::TakeAnswer(std::uint32_t log, std::int64_t offset) {
  Trouble& trouble = troubles_[log];
  trouble.error.clear();
  if (const auto lost_from = std::exchange(trouble.lost_from, std::nullopt)) {
    trouble.gap = GapText(*lost_from, offset);
  }
  SetReadable(log);
}

void LogTable::SetUnreadable(std::uint32_t log, std::string error) {
  statuses_[log].readable = false;
  statuses_[log].error = std::move(error);
}

void LogTable::SetReadable(std::uint32_t log) {
  statuses_[log].readable = true;
  statuses_[log].error = troubles_[log].gap;
}

}  // namespace guardwatch
