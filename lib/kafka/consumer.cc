#include "kafka/consumer.h"

#include <algorithm>

namespace guardwatch {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLookupPause{200};  // Between requests for start offsets.
constexpr milliseconds kLongestLookup{1000};
constexpr milliseconds kLongestClose{500};

// Against librdkafka's defaults: many records but few bytes, which are still in the cache when
// their turn comes, and short waits.
std::vector<Setting> Defaults() {
  return {
      {"allow.auto.create.topics", "false"}, {"fetch.message.max.bytes", "524288"},
      {"fetch.wait.max.ms", "100"},          {"queued.max.messages.kbytes", "4096"},
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

KafkaConsumer::KafkaConsumer(const KafkaOptions& options, WallTime now, KafkaLog log)
    : start_(options.start), now_(now), table_(options.stuck_after) {
  callbacks_.log = std::move(log);
  callbacks_.error = [this](rd_kafka_resp_err_t code, std::string_view reason) {
    TakeClientError(code, reason);
  };
  callbacks_.statistics = [this](std::string_view json) { TakeStatistics(json); };
  callbacks_.committed = [this](rd_kafka_resp_err_t code) { TakeCommitResult(code); };
}

Result<void> KafkaConsumer::Connect(const KafkaOptions& options) {
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

// Up to 2.6.0, what a stopped partition leaves in its queue keeps a partition alive that was
// deleted from the cluster, and with it the client, for ever. So each queue is emptied once all
// have stopped. A close would also wait for commits, so it is waited for only as long as stopping
// takes.
KafkaConsumer::~KafkaConsumer() {
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

Result<void> KafkaConsumer::CheckNames(const std::vector<LogAssignment>& more) const {
  std::set<LogName> names;
  for (const auto& [name, next_offset, last_read] : more) {
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

Result<void> KafkaConsumer::Start(std::uint32_t log, std::int64_t offset) {
  starts_[log] = offset;
  return ToResult(
      rd_kafka_incremental_assign(client_.get(), OneLog(table_.name(log), offset).get()));
}

Result<void> KafkaConsumer::Assign(const std::vector<LogAssignment>& more) {
  if (auto checked = CheckNames(more); !checked) return checked;
  for (const auto& [name, next_offset, last_read] : more) {
    const std::uint32_t log = table_.Add(name, std::max<std::int64_t>(next_offset, -1), last_read);
    std::int64_t start = next_offset >= 0 ? next_offset : StartOffset(start_);
    if (table_.doubt(log) == LogTable::Doubt::kBack) start = table_.BeginCheck(log);
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

void KafkaConsumer::LookUpStarts(milliseconds wait) {
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

void KafkaConsumer::TakeStarts(const rd_kafka_topic_partition_list_t& found) {
  for (const auto& partition : std::span(found.elems, static_cast<std::size_t>(found.cnt))) {
    const auto log = table_.Find({partition.topic, partition.partition});
    if (partition.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      table_.TakeError(
          *log, std::string("cannot look up where to start: ") + rd_kafka_err2str(partition.err));
      continue;
    }
    // No record is that young: what comes next is the first to read.
    const std::int64_t start = partition.offset >= 0 ? partition.offset : RD_KAFKA_OFFSET_END;
    if (partition.offset >= 0) table_.SetStart(*log, partition.offset);
    if (const auto started = Start(*log, start); started) {
      unplaced_.erase(*log);
    } else {
      table_.TakeError(*log, started.error().message);
    }
  }
}

void KafkaConsumer::RestartLogs() {
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

}  // namespace guardwatch
