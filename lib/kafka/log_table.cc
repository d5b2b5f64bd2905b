#include "kafka/log_table.h"

#include <algorithm>
#include <utility>

namespace guardwatch {
namespace {

std::string ResetText(const PositionReset& reset) {
  const std::string from = std::to_string(reset.from);
  const std::string to = std::to_string(reset.to);
  switch (reset.reason) {
    case ResetReason::kRetention:
      return "offsets " + from + " to " + std::to_string(reset.to - 1) +
             " were no longer in the log; reading went on at " + to;
    case ResetReason::kRecreated:
      return "the log, read up to offset " + from +
             ", was deleted and made anew; reading went on at its start, " + to;
    case ResetReason::kTruncated:
      return "offset " + from +
             " is past the end of the log, which was cut or made anew; reading went on at its "
             "start, " +
             to;
    case ResetReason::kOutOfRange:
      return "offset " + from +
             ", where reading was to begin, is past the end of the log; reading began at its "
             "start, " +
             to;
  }
  return "";
}

}  // namespace

std::uint32_t LogTable::Add(LogName name, std::int64_t next_offset,
                            const std::optional<RecordMark>& mark) {
  const auto log = static_cast<std::uint32_t>(names_.size());
  indexes_.emplace(name, log);
  names_.push_back(std::move(name));
  LogStatus& status = statuses_.emplace_back();
  status.next_offset = next_offset;
  status.error = "no answer from the brokers yet";
  troubles_.emplace_back();
  identities_.emplace_back();
  if (mark && mark->offset >= 0 && mark->offset < next_offset) {
    status.last_read = mark;
    identities_.back().doubt = Doubt::kBack;
  }
  standstills_.emplace_back();
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
  TakeBounds(log, -1, offset);
}

void LogTable::TakeBounds(std::uint32_t log, std::int64_t start_offset, std::int64_t end_offset) {
  LogStatus& status = statuses_[log];
  if (end_offset >= 0) status.end_offset = std::max(end_offset, status.next_offset);
  if (troubles_[log].lost_from) return;  // It may be another log's start already.
  std::int64_t& greatest = identities_[log].start_offset;
  greatest = std::max(greatest, start_offset);
}

void LogTable::TakeError(std::uint32_t log, std::string text) {
  troubles_[log].error = text;
  SetUnreadable(log, std::move(text));
}

// Whether it is there again is for the statistics to say: it need not have a record for us.
void LogTable::TakeGone(std::uint32_t log, std::string text) {
  troubles_[log].error.clear();
  SetAway(log, std::move(text));
  identities_[log].gone = true;
}

void LogTable::TakeOffsetOutOfRange(std::uint32_t log) {
  LogStatus& status = statuses_[log];
  Trouble& trouble = troubles_[log];
  trouble.lost_from = status.next_offset;
  trouble.asked_for.reset();
  if (doubt(log) == Doubt::kChecking) trouble.asked_for = status.last_read->offset;
  TakeError(log, "offset " + std::to_string(status.next_offset) +
                     " is not in the log; looking for the start of the log");
  status.next_offset = -1;
  status.end_offset = -1;
  status.last_read.reset();
  identities_[log].doubt = Doubt::kNone;
}

void LogTable::TakeBrokersDown(std::string_view text) {
  for (std::uint32_t log = 0; log < names_.size(); ++log) SetAway(log, std::string(text));
}

void LogTable::TakeBack(std::uint32_t log) {
  Doubt& doubt = identities_[log].doubt;
  if (doubt == Doubt::kAway) doubt = Doubt::kBack;
}

std::int64_t LogTable::BeginCheck(std::uint32_t log) {
  identities_[log].doubt = Doubt::kChecking;
  return statuses_[log].last_read->offset;
}

void LogTable::TakeCheck(std::uint32_t log, const std::optional<RecordMark>& found) {
  Identity& identity = identities_[log];
  if (found != statuses_[log].last_read) {
    TakeOffsetOutOfRange(log);
    troubles_[log].asked_for.reset();
    identity.gone = true;
    identity.doubt = Doubt::kAnother;
    return;
  }
  identity.doubt = Doubt::kNone;
  identity.gone = false;
  troubles_[log].error.clear();
  SetReadable(log);
}

void LogTable::TakeStatistics(const KafkaStatistics& statistics,
                              std::chrono::steady_clock::time_point now) {
  for (std::uint32_t log = 0; log < names_.size(); ++log) {
    const auto found = statistics.partitions.find(names_[log]);
    if (found == statistics.partitions.end()) continue;
    // Only the log's own answer ends an error of its own, or tells where it is read from.
    if (troubles_[log].error.empty()) TakePartition(log, found->second, statistics);
    TakeStableOffset(log, found->second, now);
  }
}

void LogTable::TakePartition(std::uint32_t log, const KafkaStatistics::Partition& partition,
                             const KafkaStatistics& statistics) {
  if (partition.unknown) {
    TakeGone(log, "the cluster does not have this topic or partition");
  } else if (partition.broker < 0) {
    SetAway(log, "the partition has no leader");
  } else if (!statistics.IsUp(partition.broker)) {
    SetAway(log,
            "broker " + std::to_string(partition.broker) + ", which has the partition, is down");
  } else if (!statistics.Answers(partition.broker)) {
    SetUnreadable(log, "broker " + std::to_string(partition.broker) +
                           ", which has the partition, does not answer");
  } else if (partition.fetch_state == "active" && next_offset(log) >= 0) {
    TakeBack(log);
    if (doubt(log) == Doubt::kNone) SetReadable(log);
  }
}

// A transaction that ends lets the position, or at least the end of what may be read, go on.
void LogTable::TakeStableOffset(std::uint32_t log, const KafkaStatistics::Partition& partition,
                                std::chrono::steady_clock::time_point now) {
  LogStatus& status = statuses_[log];
  Standstill& standstill = standstills_[log];
  const std::int64_t at = status.next_offset;
  const bool held = status.readable && at >= 0 && partition.stable_offset >= 0 &&
                    partition.stable_offset <= at && partition.end_offset > at;
  if (!held || standstill.at != at) standstill = {held ? at : -1, now};
  status.stuck_at_lso = held && now - standstill.since >= stuck_after_;
}

void LogTable::TakeAnswer(std::uint32_t log, std::int64_t offset) {
  Trouble& trouble = troubles_[log];
  trouble.error.clear();
  if (const auto lost_from = std::exchange(trouble.lost_from, std::nullopt)) {
    TakeReset(log, *lost_from, offset);
  }
  identities_[log].answered = true;
  identities_[log].gone = false;
  SetReadable(log);
}

void LogTable::TakeReset(std::uint32_t log, std::int64_t from, std::int64_t to) {
  const auto asked_for = troubles_[log].asked_for;
  if (from == to || (asked_for && *asked_for < to && to < from)) {
    statuses_[log].next_offset = from;  // Only what was read is gone, the mark among it.
    return;
  }
  Identity& identity = identities_[log];
  const PositionReset reset{from, to, ReasonFor(identity, from, to)};
  identity.start_offset = to;
  troubles_[log].gap = ResetText(reset);
  ++statuses_[log].resets;
  statuses_[log].last_reset = reset;
}

// A log is never made anew with a start beyond the old one's end, nor does a log's start go back.
ResetReason LogTable::ReasonFor(const Identity& identity, std::int64_t from, std::int64_t to) {
  if (to > from) return ResetReason::kRetention;
  if (identity.gone || to < identity.start_offset) return ResetReason::kRecreated;
  return identity.answered ? ResetReason::kTruncated : ResetReason::kOutOfRange;
}

void LogTable::SetUnreadable(std::uint32_t log, std::string error) {
  statuses_[log].readable = false;
  statuses_[log].error = std::move(error);
}

void LogTable::SetAway(std::uint32_t log, std::string error) {
  SetUnreadable(log, std::move(error));
  if (statuses_[log].last_read) identities_[log].doubt = Doubt::kAway;
}

void LogTable::SetReadable(std::uint32_t log) {
  statuses_[log].readable = true;
  statuses_[log].error = troubles_[log].gap;
}

}  // namespace guardwatch
