#include "kafka/kafka_source.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <set>
#include <string>
#include <utility>

#include "kafka/handle.h"
#include "kafka/log_table.h"
#include "kafka/statistics.h"

namespace guardwatch {
namespace {

using std::chrono::milliseconds;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::size_t kBatchSize = 5000;
constexpr milliseconds kLookupPause{200};  // Between requests for start offsets.
constexpr milliseconds kLongestLookup{1000};
constexpr milliseconds kLongestClose{500};
constexpr milliseconds kWakePause{10};       // Between two questions that keep fetching alive.
constexpr milliseconds kRestartPause{1000};  // Before a log without a position is tried again.

enum SyslogLevel { kLogWarning = 4, kLogInfo = 6 };

// Against librdkafka's defaults: a long queue, bounded by its bytes, and short waits.
std::vector<Setting> Defaults() {
  return {
      {"allow.auto.create.topics", "false"}, {"fetch.message.max.bytes", "1048576"},
      {"fetch.wait.max.ms", "100"},          {"queued.max.messages.kbytes", "65536"},
      {"queued.min.messages", "1000000"},
  };
}

// We keep the offsets; a log without the one we ask for is an error to be shown, not to be passed
// over.
std::vector<Setting> Owned(const KafkaOptions& options) {
  return {
      {"auto.offset.reset", "error"},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"enable.partition.eof", "true"},
      {"group.id", options.group_id},
      // How long a commit looks for its broker, and so how long it can hold up our end; we are no
      // member of the group, to which this would matter.
      {"session.timeout.ms", "500"},
      {"statistics.interval.ms", std::to_string(options.statistics_interval.count())},
  };
}

PartitionListHandle OneLog(const LogName& name, std::int64_t offset) {
  PartitionListHandle list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), name.topic.c_str(), name.partition)->offset =
      offset;
  return list;
}

std::optional<EventTime> TimestampOf(const rd_kafka_message_t& message) {
  rd_kafka_timestamp_type_t type{};
  const std::int64_t ms = rd_kafka_message_timestamp(&message, &type);
  if (type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || ms < 0) return std::nullopt;
  return EventTime(milliseconds(ms));
}

std::string_view PayloadOf(const rd_kafka_message_t& message) {
  return {static_cast<const char*>(message.payload), message.len};
}

// Where to read from in librdkafka's terms; RD_KAFKA_OFFSET_INVALID if that takes a look-up by
// time.
std::int64_t StartOffset(const StartPolicy& policy) {
  switch (policy.from) {
    case StartPolicy::From::kEarliest:
      return RD_KAFKA_OFFSET_BEGINNING;
    case StartPolicy::From::kLatest:
      return RD_KAFKA_OFFSET_END;
    case StartPolicy::From::kBack:
      break;
  }
  return RD_KAFKA_OFFSET_INVALID;
}

Result<void> ToResult(rd_kafka_error_t* error) {
  if (error == nullptr) return {};
  const ErrorHandle owned(error);
  return Fail(std::string("kafka: ") + rd_kafka_error_string(error));
}

}  // namespace

class KafkaSource::Consumer {
 public:
  Consumer(const KafkaOptions& options, WallTime now, KafkaLog log)
      : start_(options.start), now_(now) {
    callbacks_.log = std::move(log);
    callbacks_.error = [this](rd_kafka_resp_err_t code, std::string_view reason) {
      TakeClientError(code, reason);
    };
    callbacks_.statistics = [this](std::string_view json) { TakeStatistics(json); };
    callbacks_.committed = [this](rd_kafka_resp_err_t code) { TakeCommitResult(code); };
  }

  Result<void> Connect(const KafkaOptions& options) {
    auto conf = MakeConf(options, Defaults(), Owned(options));
    if (!conf) return tl::unexpected(conf.error());
    auto client = MakeClient(RD_KAFKA_CONSUMER, std::move(*conf), callbacks_);
    if (!client) return tl::unexpected(client.error());
    client_ = std::move(*client);
    rd_kafka_poll_set_consumer(client_.get());
    queue_.reset(rd_kafka_queue_get_consumer(client_.get()));
    records_.reserve(kBatchSize);
    return {};
  }

  ~Consumer();

  Result<void> Assign(const std::vector<LogAssignment>& more);
  std::span<const Record> Poll(milliseconds wait);
  std::span<const LogStatus> Status();
  void Commit(std::span<const std::int64_t> next_offsets);

 private:
  struct Restart {
    std::uint32_t log = 0;
    SteadyTime at;
  };

  Result<void> CheckNames(const std::vector<LogAssignment>& more) const;
  Result<void> Start(std::uint32_t log, std::int64_t offset);
  void LookUpStarts(milliseconds wait);
  void TakeStarts(const rd_kafka_topic_partition_list_t& found);
  void RestartLogs();
  void KeepQueue(std::uint32_t log);
  void TakeMessages();
  void WakeFetching();
  void TakeNoRecord(const rd_kafka_message_t& message);
  void TakeLogError(std::uint32_t log, const rd_kafka_message_t& message);
  void TakeClientError(rd_kafka_resp_err_t code, std::string_view reason);
  void TakeStatistics(std::string_view json);
  void TakeCommitResult(rd_kafka_resp_err_t code);
  std::int64_t EndOffset(std::uint32_t log) const;
  void Note(int level, const std::string& text) const {
    if (callbacks_.log) callbacks_.log(level, text);
  }

  const StartPolicy start_;
  const WallTime now_;
  ClientCallbacks callbacks_;
  LogTable table_;
  std::vector<std::int64_t> starts_;  // The offset, perhaps a logical one, that each log began at.
  std::set<std::uint32_t> unplaced_;  // Logs whose start has to be found by time first.
  milliseconds lookup_wait_{0};
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

// Up to 2.6.0, what a stopped partition leaves in its queue keeps a partition alive that was
// deleted from the cluster, and with it the client, for ever. So each queue is emptied once all
// have stopped. A close would also wait for commits, so it is waited for only as long as stopping
// takes.
KafkaSource::Consumer::~Consumer() {
  if (!client_) return;
  batch_.Release();
  const ErrorHandle error(rd_kafka_consumer_close_queue(client_.get(), queue_.get()));
  const SteadyTime deadline = std::chrono::steady_clock::now() + kLongestClose;
  while (!error && rd_kafka_consumer_closed(client_.get()) == 0 &&
         std::chrono::steady_clock::now() < deadline) {
    batch_.Fill(*queue_, milliseconds(10));
    batch_.Release();
  }
  for (const QueueHandle& queue : log_queues_) {
    if (!queue) continue;
    batch_.Fill(*queue, milliseconds(0));
    batch_.Release();
  }
}

// To be had only while the cluster knows the partition.
void KafkaSource::Consumer::KeepQueue(std::uint32_t log) {
  if (log_queues_[log]) return;
  const auto& [topic, partition] = table_.name(log);
  log_queues_[log].reset(rd_kafka_queue_get_partition(client_.get(), topic.c_str(), partition));
}

Result<void> KafkaSource::Consumer::CheckNames(const std::vector<LogAssignment>& more) const {
  std::set<LogName> names;
  for (const auto& [name, next_offset] : more) {
    if (name.topic.empty() || name.partition < 0) {
      return Fail("kafka: no such partition: \"" + name.topic + "\" " +
                  std::to_string(name.partition));
    }
    if (!names.insert(name).second || table_.Find(name)) {
      return Fail("kafka: partition " + std::to_string(name.partition) + " of topic " + name.topic +
                  " is assigned twice");
    }
  }
  return {};
}

Result<void> KafkaSource::Consumer::Start(std::uint32_t log, std::int64_t offset) {
  starts_[log] = offset;
  return ToResult(
      rd_kafka_incremental_assign(client_.get(), OneLog(table_.name(log), offset).get()));
}

Result<void> KafkaSource::Consumer::Assign(const std::vector<LogAssignment>& more) {
  if (auto checked = CheckNames(more); !checked) return checked;
  for (const auto& [name, next_offset] : more) {
    const std::uint32_t log = table_.Add(name, std::max<std::int64_t>(next_offset, -1));
    const std::int64_t start = next_offset >= 0 ? next_offset : StartOffset(start_);
    starts_.push_back(start);
    log_queues_.emplace_back();
    if (start == RD_KAFKA_OFFSET_INVALID) {
      unplaced_.insert(log);
    } else if (auto started = Start(log, start); !started) {
      return started;
    }
  }
  return {};
}

std::span<const Record> KafkaSource::Consumer::Poll(milliseconds wait) {
  records_.clear();
  batch_.Release();
  const SteadyTime begin = std::chrono::steady_clock::now();
  if (!unplaced_.empty() && begin >= next_lookup_) LookUpStarts(wait);
  if (!restarts_.empty()) RestartLogs();
  const auto spent = std::chrono::ceil<milliseconds>(std::chrono::steady_clock::now() - begin);
  batch_.Fill(*queue_, wait - spent);
  TakeMessages();
  if (records_.size() < kBatchSize) WakeFetching();
  return records_;
}

void KafkaSource::Consumer::LookUpStarts(milliseconds wait) {
  const PartitionListHandle list(
      rd_kafka_topic_partition_list_new(static_cast<int>(unplaced_.size())));
  const auto from = std::chrono::floor<milliseconds>(now_.time_since_epoch() - start_.back).count();
  for (const std::uint32_t log : unplaced_) {
    const auto& [topic, partition] = table_.name(log);
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset =
        std::max<std::int64_t>(from, 0);
  }
  lookup_wait_ = std::clamp(lookup_wait_, wait, std::max(wait, kLongestLookup));
  const auto error = rd_kafka_offsets_for_times(client_.get(), list.get(), TimeoutMs(lookup_wait_));
  next_lookup_ = std::chrono::steady_clock::now() + kLookupPause;
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return TakeStarts(*list);
  // Brokers that are there are given more time; for those that are not, none is worth spending.
  lookup_wait_ = connection_error_.empty() ? lookup_wait_ * 2 + milliseconds(1) : wait;
  const std::string reason =
      connection_error_.empty() ? rd_kafka_err2str(error) : connection_error_;
  for (const std::uint32_t log : unplaced_) {
    table_.TakeError(log, "cannot look up where to start: " + reason);
  }
}

void KafkaSource::Consumer::TakeStarts(const rd_kafka_topic_partition_list_t& found) {
  for (const auto& partition : std::span(found.elems, static_cast<std::size_t>(found.cnt))) {
    const auto log = table_.Find({partition.topic, partition.partition});
    if (partition.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      table_.TakeError(
          *log, std::string("cannot look up where to start: ") + rd_kafka_err2str(partition.err));
      continue;
    }
    // No record is that young: what comes next is the first to read.
    const std::int64_t start = partition.offset >= 0 ? partition.offset : RD_KAFKA_OFFSET_END;
    if (const auto started = Start(*log, start); started) {
      unplaced_.erase(*log);
    } else {
      table_.TakeError(*log, started.error().message);
    }
  }
}

void KafkaSource::Consumer::RestartLogs() {
  const SteadyTime now = std::chrono::steady_clock::now();
  std::erase_if(restarts_, [&](const Restart& restart) {
    if (now < restart.at) return false;
    const PartitionListHandle list = OneLog(table_.name(restart.log), starts_[restart.log]);
    auto restarted = ToResult(rd_kafka_incremental_unassign(client_.get(), list.get()));
    if (restarted) restarted = Start(restart.log, starts_[restart.log]);
    if (!restarted) table_.TakeError(restart.log, restarted.error().message);
    return true;
  });
}

void KafkaSource::Consumer::TakeMessages() {
  const rd_kafka_topic_t* topic = nullptr;  // Messages come in runs of one log.
  std::int32_t partition = -1;
  std::uint32_t log = 0;
  for (const rd_kafka_message_t* message : batch_.messages()) {
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      TakeNoRecord(*message);
      continue;
    }
    if (message->rkt != topic || message->partition != partition) {
      const auto found = table_.Find({rd_kafka_topic_name(message->rkt), message->partition});
      if (!found) continue;
      topic = message->rkt;
      partition = message->partition;
      log = *found;
      KeepQueue(log);
    }
    if (!table_.TakeRecord(log, message->offset)) continue;
    records_.push_back({log, message->offset, TimestampOf(*message), PayloadOf(*message)});
  }
}

// A fetch queue that was full stops librdkafka from fetching for up to a second, however soon it is
// empty again. Anything to send makes the broker's thread look again, so it is given a small
// question, whose answer is not waited for, when a log has more than we got. One log each time, in
// turn: the others may be on other brokers.
void KafkaSource::Consumer::WakeFetching() {
  const SteadyTime now = std::chrono::steady_clock::now();
  if (now < next_wake_) return;
  next_wake_ = now + kWakePause;
  const auto logs = static_cast<std::uint32_t>(table_.size());
  for (std::uint32_t i = 1; i <= logs; ++i) {
    const std::uint32_t log = (last_woken_ + i) % logs;
    if (EndOffset(log) <= table_.next_offset(log)) continue;
    const auto& [topic, partition] = table_.name(log);
    std::int64_t low = 0;
    std::int64_t high = 0;
    rd_kafka_query_watermark_offsets(client_.get(), topic.c_str(), partition, &low, &high, 1);
    last_woken_ = log;
    return;
  }
}

// What the last fetch told; asks nobody. Negative if it is not known.
std::int64_t KafkaSource::Consumer::EndOffset(std::uint32_t log) const {
  const auto& [topic, partition] = table_.name(log);
  std::int64_t low = -1;
  std::int64_t high = -1;
  rd_kafka_get_watermark_offsets(client_.get(), topic.c_str(), partition, &low, &high);
  return high;
}

void KafkaSource::Consumer::TakeNoRecord(const rd_kafka_message_t& message) {
  const auto log = message.rkt == nullptr
                       ? std::nullopt
                       : table_.Find({rd_kafka_topic_name(message.rkt), message.partition});
  if (!log) {
    // Of the group, which we only use to show lag under.
    Note(kLogWarning, rd_kafka_message_errstr(&message));
  } else if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    KeepQueue(*log);
    table_.TakeEnd(*log, message.offset);
  } else {
    TakeLogError(*log, message);
  }
}

void KafkaSource::Consumer::TakeLogError(std::uint32_t log, const rd_kafka_message_t& message) {
  const auto& [topic, partition] = table_.name(log);
  Note(kLogWarning, "topic " + topic + " partition " + std::to_string(partition) + " at offset " +
                        std::to_string(table_.next_offset(log)) + ": " +
                        rd_kafka_message_errstr(&message));
  if (message.err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) {
    restarts_.push_back({log, std::chrono::steady_clock::now() + kRestartPause});
    if (table_.next_offset(log) >= 0) {
      starts_[log] = RD_KAFKA_OFFSET_BEGINNING;
      return table_.TakeOffsetOutOfRange(log);
    }
  }
  table_.TakeError(log, rd_kafka_message_errstr(&message));
}

void KafkaSource::Consumer::TakeClientError(rd_kafka_resp_err_t code, std::string_view reason) {
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

void KafkaSource::Consumer::TakeStatistics(std::string_view json) {
  const auto statistics = ParseKafkaStatistics(json);
  if (!statistics) return;
  if (statistics->AnyUp()) connection_error_.clear();
  table_.TakeStatistics(*statistics);
}

void KafkaSource::Consumer::TakeCommitResult(rd_kafka_resp_err_t code) {
  if (code == std::exchange(commit_error_, code) || code == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  Note(kLogInfo, std::string("the group's offsets cannot be shown: ") + rd_kafka_err2str(code));
}

std::span<const LogStatus> KafkaSource::Consumer::Status() {
  for (std::uint32_t log = 0; log < table_.size(); ++log) {
    table_.TakeEndOffset(log, EndOffset(log));
  }
  return table_.statuses();
}

void KafkaSource::Consumer::Commit(std::span<const std::int64_t> next_offsets) {
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

KafkaSource::KafkaSource(std::unique_ptr<Consumer> consumer) : consumer_(std::move(consumer)) {}
KafkaSource::~KafkaSource() = default;

Result<std::unique_ptr<KafkaSource>> KafkaSource::Create(const KafkaOptions& options,
                                                         std::vector<LogAssignment> assignments,
                                                         WallTime now, KafkaLog log) {
  auto consumer = std::make_unique<Consumer>(options, now, std::move(log));
  if (auto connected = consumer->Connect(options); !connected) {
    return tl::unexpected(connected.error());
  }
  if (auto assigned = consumer->Assign(assignments); !assigned) {
    return tl::unexpected(assigned.error());
  }
  return std::unique_ptr<KafkaSource>(new KafkaSource(std::move(consumer)));
}

std::span<const Record> KafkaSource::Poll(std::chrono::milliseconds wait) {
  return consumer_->Poll(wait);
}

std::span<const LogStatus> KafkaSource::Status() { return consumer_->Status(); }

Result<void> KafkaSource::Assign(std::vector<LogAssignment> more) {
  return consumer_->Assign(more);
}

void KafkaSource::Commit(std::span<const std::int64_t> next_offsets) {
  consumer_->Commit(next_offsets);
}

}  // namespace guardwatch
