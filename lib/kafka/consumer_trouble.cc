#include "kafka/consumer.h"
#include "kafka/statistics.h"

namespace guardwatch {
namespace {

enum SyslogLevel { kLogWarning = 4, kLogInfo = 6 };

constexpr std::chrono::milliseconds kRestartPause{
    1000};  // Before a log without a position is tried again.

}  // namespace

void KafkaConsumer::TakeNoRecord(const rd_kafka_message_t& message) {
  const auto log = message.rkt == nullptr
                       ? std::nullopt
                       : table_.Find({rd_kafka_topic_name(message.rkt), message.partition});
  if (!log) {
    // Of the group, which we only use to show lag under.
    Note(kLogWarning, rd_kafka_message_errstr(&message));
  } else if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    KeepQueue(*log);
    if (table_.doubt(*log) == LogTable::Doubt::kNone) {
      table_.TakeEnd(*log, message.offset);
    } else {
      TakeFromDoubted(*log, std::nullopt);
    }
  } else {
    TakeLogError(*log, message);
  }
}

void KafkaConsumer::TakeLogError(std::uint32_t log, const rd_kafka_message_t& message) {
  const auto& [topic, partition] = table_.name(log);
  Note(kLogWarning, "topic " + topic + " partition " + std::to_string(partition) + " at offset " +
                        std::to_string(table_.next_offset(log)) + ": " +
                        rd_kafka_message_errstr(&message));
  switch (message.err) {
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
      return TakeOffsetOutOfRange(log, message);
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
      return table_.TakeGone(log, rd_kafka_message_errstr(&message));
    default:
      return table_.TakeError(log, rd_kafka_message_errstr(&message));
  }
}

void KafkaConsumer::TakeOffsetOutOfRange(std::uint32_t log, const rd_kafka_message_t& message) {
  restarts_.push_back({log, std::chrono::steady_clock::now() + kRestartPause});
  if (table_.next_offset(log) < 0) {
    return table_.TakeError(log, rd_kafka_message_errstr(&message));
  }
  starts_[log] = RD_KAFKA_OFFSET_BEGINNING;
  table_.TakeOffsetOutOfRange(log);
}

void KafkaConsumer::TakeFromDoubted(std::uint32_t log, const std::optional<RecordMark>& found) {
  if (table_.doubt(log) == LogTable::Doubt::kChecking) {
    table_.TakeCheck(log, found);
  } else {
    table_.TakeBack(log);
  }
}

void KafkaConsumer::TakeClientError(rd_kafka_resp_err_t code, std::string_view reason) {
  // A partition that is gone; the statistics tell which, again and again.
  if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
      code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION) {
    return;
  }
  if (code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
    connection_error_ = reason;
    return;
  }
  const std::string text =
      std::string(reason) + (connection_error_.empty() ? "" : ": " + connection_error_);
  table_.TakeBrokersDown(text);
}

void KafkaConsumer::TakeStatistics(std::string_view json) {
  const auto statistics = ParseKafkaStatistics(json);
  if (!statistics) return;
  if (statistics->AnyUp()) connection_error_.clear();
  table_.TakeStatistics(*statistics, std::chrono::steady_clock::now());
}

void KafkaConsumer::TakeCommitResult(rd_kafka_resp_err_t code) {
  if (code == std::exchange(commit_error_, code) || code == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  Note(kLogInfo, std::string("the group's offsets cannot be shown: ") + rd_kafka_err2str(code));
}

}  // namespace guardwatch
