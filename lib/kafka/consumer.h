#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kafka/handle.h"
#include "kafka/log_table.h"
#include "kafka/options.h"
#include "source/source.h"

namespace guardwatch {

// The consumer behind a KafkaSource: librdkafka's client, what it delivers, and what became of each
// log. Included by this layer's source files only.
class KafkaConsumer {
 public:
  KafkaConsumer(const KafkaOptions& options, WallTime now, KafkaLog log);
  ~KafkaConsumer();
  KafkaConsumer(const KafkaConsumer&) = delete;
  KafkaConsumer& operator=(const KafkaConsumer&) = delete;

  Result<void> Connect(const KafkaOptions& options);
  Result<void> Assign(const std::vector<LogAssignment>& more);
  std::span<const Record> Poll(std::chrono::milliseconds wait);
  std::span<const LogStatus> Status();
  void Commit(std::span<const std::int64_t> next_offsets);

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  // Messages are gone through three times (taken over, read, given back): of so many the second and
  // the third time find them in a core's own cache.
  static constexpr std::size_t kBatchSize = 1024;
  struct Restart {
    std::uint32_t log = 0;
    SteadyTime at;
  };
  struct Bounds {
    std::int64_t start = -1;
    std::int64_t end = -1;
  };

  Result<void> CheckNames(const std::vector<LogAssignment>& more) const;
  Result<void> Start(std::uint32_t log, std::int64_t offset);
  void LookUpStarts(std::chrono::milliseconds wait);
  void TakeStarts(const rd_kafka_topic_partition_list_t& found);
  void RestartLogs();
  void KeepQueue(std::uint32_t log);
  void SettleDoubts();
  void TakeMessages();
  void TakeFromDoubted(std::uint32_t log, const std::optional<RecordMark>& found);
  void WakeFetching();
  void TakeNoRecord(const rd_kafka_message_t& message);
  void TakeLogError(std::uint32_t log, const rd_kafka_message_t& message);
  void TakeOffsetOutOfRange(std::uint32_t log, const rd_kafka_message_t& message);
  void TakeClientError(rd_kafka_resp_err_t code, std::string_view reason);
  void TakeStatistics(std::string_view json);
  void TakeCommitResult(rd_kafka_resp_err_t code);
  Bounds BoundsOf(std::uint32_t log) const;
  void Note(int level, const std::string& text) const {
    if (callbacks_.log) callbacks_.log(level, text);
  }

  const StartPolicy start_;
  const WallTime now_;
  ClientCallbacks callbacks_;
  LogTable table_;
  std::vector<std::int64_t> starts_;  // The offset, perhaps a logical one, that each log began at.
  std::set<std::uint32_t> unplaced_;  // Logs whose start has to be found by time first.
  std::chrono::milliseconds lookup_wait_{0};
  SteadyTime next_lookup_{};
  SteadyTime next_wake_{};
  std::uint32_t last_woken_ = 0;
  std::vector<Restart> restarts_;
  std::string connection_error_;  // The last of this kind, until the brokers answer.
  rd_kafka_resp_err_t commit_error_ = RD_KAFKA_RESP_ERR_NO_ERROR;

  // In this order: messages and queues have to be gone before the client.
  ClientHandle client_;
  QueueHandle queue_;
  std::vector<QueueHandle> log_queues_;  // One per log, once it has answered.
  MessageBatch batch_{kBatchSize};
  std::vector<Record> records_;
};

}  // namespace guardwatch
