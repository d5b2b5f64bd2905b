#include <algorithm>

#include "base/hash.h"
#include "kafka/consumer.h"

namespace guardwatch {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kWakePause{10};  // Between two questions that keep fetching alive.

std::optional<EventTime> TimestampOf(const rd_kafka_message_t& message) {
  rd_kafka_timestamp_type_t type{};
  const std::int64_t ms = rd_kafka_message_timestamp(&message, &type);
  if (type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || ms < 0) return std::nullopt;
  return EventTime(milliseconds(ms));
}

std::string_view PayloadOf(const rd_kafka_message_t& message) {
  return {static_cast<const char*>(message.payload), message.len};
}

// Of long payloads the start has to do.
std::uint64_t DigestOf(std::string_view payload) {
  constexpr std::size_t kLongest = 4096;
  return Mix64(Fnv1a64(payload.substr(0, kLongest)) + payload.size());
}

RecordMark MarkOf(const rd_kafka_message_t& message) {
  return {message.offset, TimestampOf(message), DigestOf(PayloadOf(message))};
}

}  // namespace

std::span<const Record> KafkaConsumer::Poll(milliseconds wait) {
  records_.clear();
  batch_.Release();
  const SteadyTime begin = std::chrono::steady_clock::now();
  if (!unplaced_.empty() && begin >= next_lookup_) LookUpStarts(wait);
  SettleDoubts();
  if (!restarts_.empty()) RestartLogs();
  const auto spent = std::chrono::ceil<milliseconds>(std::chrono::steady_clock::now() - begin);
  batch_.Fill(*queue_, wait - spent);
  TakeMessages();
  if (records_.size() < kBatchSize) WakeFetching();
  return records_;
}

// Whatever is left of before in the batch and in the queue is passed over.
void KafkaConsumer::SettleDoubts() {
  for (std::uint32_t log = 0; log < table_.size(); ++log) {
    switch (table_.doubt(log)) {
      case LogTable::Doubt::kBack:
        starts_[log] = table_.BeginCheck(log);
        break;
      case LogTable::Doubt::kAnother:
        starts_[log] = RD_KAFKA_OFFSET_BEGINNING;
        table_.BeginAnew(log);
        break;
      default:
        continue;
    }
    restarts_.push_back({log, std::chrono::steady_clock::now()});
  }
}

// To be had only while the cluster knows the partition.
void KafkaConsumer::KeepQueue(std::uint32_t log) {
  if (log_queues_[log]) return;
  const auto& [topic, partition] = table_.name(log);
  log_queues_[log].reset(rd_kafka_queue_get_partition(client_.get(), topic.c_str(), partition));
}

// What comes of a log in doubt is not taken, but looked at.
void KafkaConsumer::TakeMessages() {
  const rd_kafka_topic_t* topic = nullptr;  // Messages come in runs of one log.
  std::int32_t partition = -1;
  std::uint32_t log = 0;
  const rd_kafka_message_t* last = nullptr;  // The last record taken of the run.
  const auto end_run = [&] {
    if (last != nullptr) table_.TakeMark(log, MarkOf(*last));
    last = nullptr;
  };
  for (const rd_kafka_message_t* message : batch_.messages()) {
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      end_run();
      TakeNoRecord(*message);
      continue;
    }
    if (message->rkt != topic || message->partition != partition) {
      end_run();
      const auto found = table_.Find({rd_kafka_topic_name(message->rkt), message->partition});
      if (!found) continue;
      topic = message->rkt;
      partition = message->partition;
      log = *found;
      KeepQueue(log);
    }
    if (table_.doubt(log) != LogTable::Doubt::kNone) [[unlikely]] {
      TakeFromDoubted(log, MarkOf(*message));
    } else if (table_.TakeRecord(log, message->offset)) {
      records_.push_back({log, message->offset, TimestampOf(*message), PayloadOf(*message)});
      last = message;
    }
  }
  end_run();
}

// A fetch queue that was full stops librdkafka from fetching for up to a second, however soon it is
// empty again. Anything to send makes the broker's thread look again, so it is given a small
// question, whose answer is not waited for, when a log has more than we got. One log each time, in
// turn: the others may be on other brokers.
void KafkaConsumer::WakeFetching() {
  const SteadyTime now = std::chrono::steady_clock::now();
  if (now < next_wake_) return;
  next_wake_ = now + kWakePause;
  const auto logs = static_cast<std::uint32_t>(table_.size());
  for (std::uint32_t i = 1; i <= logs; ++i) {
    const std::uint32_t log = (last_woken_ + i) % logs;
    if (BoundsOf(log).end <= table_.next_offset(log)) continue;
    const auto& [topic, partition] = table_.name(log);
    std::int64_t low = 0;
    std::int64_t high = 0;
    rd_kafka_query_watermark_offsets(client_.get(), topic.c_str(), partition, &low, &high, 1);
    last_woken_ = log;
    return;
  }
}

// What the last fetch told; asks nobody. Negative where it is not known.
KafkaConsumer::Bounds KafkaConsumer::BoundsOf(std::uint32_t log) const {
  const auto& [topic, partition] = table_.name(log);
  Bounds bounds;
  rd_kafka_get_watermark_offsets(client_.get(), topic.c_str(), partition, &bounds.start,
                                 &bounds.end);
  return bounds;
}

std::span<const LogStatus> KafkaConsumer::Status() {
  for (std::uint32_t log = 0; log < table_.size(); ++log) {
    const auto [start, end] = BoundsOf(log);
    table_.TakeBounds(log, start, end);
  }
  return table_.statuses();
}

void KafkaConsumer::Commit(std::span<const std::int64_t> next_offsets) {
  const PartitionListHandle list(
      rd_kafka_topic_partition_list_new(static_cast<int>(next_offsets.size())));
  const std::size_t logs = std::min(next_offsets.size(), table_.size());
  for (std::uint32_t log = 0; log < logs; ++log) {
    if (next_offsets[log] < 0) continue;
    const auto& [topic, partition] = table_.name(log);
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset =
        next_offsets[log];
  }
  if (list->cnt == 0) return;
  constexpr int kInBackground = 1;
  TakeCommitResult(rd_kafka_commit(client_.get(), list.get(), kInBackground));
}

}  // namespace guardwatch
