#include "kafka/producer.h"

#include <array>
#include <thread>
#include <utility>
#include <vector>

#include "kafka/handle.h"
#include "kafka/metadata.h"

namespace guardwatch {
namespace {

const std::array kDefaults{
    Setting{"batch.size", "1000000"},        Setting{"compression.codec", "lz4"},
    Setting{"enable.idempotence", "true"},   Setting{"linger.ms", "20"},
    Setting{"message.max.bytes", "8388608"}, Setting{"queue.buffering.max.messages", "500000"},
};

std::chrono::milliseconds Left(std::chrono::steady_clock::time_point deadline) {
  return std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
}

Result<void> RequestTopic(const KafkaOptions& options, const std::string& name, int partitions,
                          const std::map<std::string, std::string>& config,
                          std::chrono::milliseconds timeout) {
  auto conf = MakeConf(options, {}, {});
  if (!conf) return tl::unexpected(conf.error());
  ClientCallbacks callbacks;
  const auto client = MakeClient(RD_KAFKA_PRODUCER, std::move(*conf), callbacks);
  if (!client) return tl::unexpected(client.error());

  constexpr int kDefaultReplication = -1;
  std::array<char, 256> text{};
  const NewTopicHandle topic(rd_kafka_NewTopic_new(name.c_str(), partitions, kDefaultReplication,
                                                   text.data(), text.size()));
  if (!topic) return Fail("kafka: cannot create topic " + name + ": " + text.data());
  for (const auto& [key, value] : config) {
    rd_kafka_NewTopic_set_config(topic.get(), key.c_str(), value.c_str());
  }
  const AdminOptionsHandle admin(
      rd_kafka_AdminOptions_new(client->get(), RD_KAFKA_ADMIN_OP_CREATETOPICS));
  rd_kafka_AdminOptions_set_request_timeout(admin.get(), TimeoutMs(timeout), nullptr, 0);
  const QueueHandle queue(rd_kafka_queue_new(client->get()));
  rd_kafka_NewTopic_t* topics[] = {topic.get()};
  rd_kafka_CreateTopics(client->get(), topics, 1, admin.get(), queue.get());
  const EventHandle event(rd_kafka_queue_poll(queue.get(), TimeoutMs(timeout)));
  if (!event) return FailRetryable("kafka: cannot create topic " + name + ": no broker answered");
  if (const auto error = rd_kafka_event_error(event.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return tl::unexpected(KafkaError("kafka: cannot create topic " + name, error));
  }
  std::size_t count = 0;
  const auto* results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  if (count != 1) return Fail("kafka: the broker said nothing of topic " + name);
  const auto error = rd_kafka_topic_result_error(results[0]);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
    return {};
  }
  return tl::unexpected(KafkaError("kafka: cannot create topic " + name, error));
}

}  // namespace

class KafkaProducer::Client {
 public:
  explicit Client(KafkaLog log) {
    callbacks_.log = std::move(log);
    callbacks_.delivered = [this](const rd_kafka_message_t& message) {
      if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        ++delivered_;
      } else {
        ++failed_;
        last_failure_ = message.err;
      }
    };
  }

  Result<void> Connect(const KafkaOptions& options) {
    auto conf = MakeConf(options, kDefaults, {});
    if (!conf) return tl::unexpected(conf.error());
    auto client = MakeClient(RD_KAFKA_PRODUCER, std::move(*conf), callbacks_);
    if (!client) return tl::unexpected(client.error());
    client_ = std::move(*client);
    return {};
  }

  Result<void> Produce(const std::string& topic, std::int32_t partition, std::string_view key,
                       std::string_view payload, EventTime timestamp) {
    const std::int64_t ms =
        std::chrono::floor<std::chrono::milliseconds>(timestamp.time_since_epoch()).count();
    for (;;) {
      const rd_kafka_resp_err_t error = Queue(topic, partition, key, payload, ms);
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR) break;
      if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        return tl::unexpected(KafkaError("kafka: cannot write to topic " + topic, error));
      }
      rd_kafka_poll(client_.get(), 100);  // Until a delivery, or a failure after its own timeout.
    }
    rd_kafka_poll(client_.get(), 0);
    return {};
  }

  Result<void> Flush(std::chrono::milliseconds timeout) {
    const auto error = rd_kafka_flush(client_.get(), TimeoutMs(timeout));
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      const int waiting = rd_kafka_outq_len(client_.get());
      return tl::unexpected(
          KafkaError("kafka: " + std::to_string(waiting) + " records are not written yet", error));
    }
    if (failed_ == 0) return {};
    return tl::unexpected(KafkaError(
        "kafka: " + std::to_string(failed_) + " records could not be written", last_failure_));
  }

  std::int64_t delivered() const { return delivered_; }
  std::int64_t failed() const { return failed_; }

 private:
  rd_kafka_resp_err_t Queue(const std::string& topic, std::int32_t partition, std::string_view key,
                            std::string_view payload, std::int64_t timestamp_ms) {
    std::array<rd_kafka_vu_t, 6> fields{};
    fields[0].vtype = RD_KAFKA_VTYPE_TOPIC;
    fields[0].u.cstr = topic.c_str();
    fields[1].vtype = RD_KAFKA_VTYPE_PARTITION;
    fields[1].u.i32 = partition;
    // librdkafka does not change what it is told to copy.
    fields[2].vtype = RD_KAFKA_VTYPE_KEY;
    fields[2].u.mem = {const_cast<char*>(key.data()), key.size()};
    fields[3].vtype = RD_KAFKA_VTYPE_VALUE;
    fields[3].u.mem = {const_cast<char*>(payload.data()), payload.size()};
    fields[4].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
    fields[4].u.i64 = timestamp_ms;
    fields[5].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    fields[5].u.i = RD_KAFKA_MSG_F_COPY;
    const ErrorHandle error(rd_kafka_produceva(client_.get(), fields.data(), fields.size()));
    return error ? rd_kafka_error_code(error.get()) : RD_KAFKA_RESP_ERR_NO_ERROR;
  }

  ClientCallbacks callbacks_;
  std::int64_t delivered_ = 0;
  std::int64_t failed_ = 0;
  rd_kafka_resp_err_t last_failure_ = RD_KAFKA_RESP_ERR_NO_ERROR;
  ClientHandle client_;
};

KafkaProducer::KafkaProducer(std::unique_ptr<Client> client) : client_(std::move(client)) {}
KafkaProducer::~KafkaProducer() = default;

Result<std::unique_ptr<KafkaProducer>> KafkaProducer::Create(const KafkaOptions& options,
                                                             KafkaLog log) {
  auto client = std::make_unique<Client>(std::move(log));
  if (auto connected = client->Connect(options); !connected) {
    return tl::unexpected(connected.error());
  }
  return std::unique_ptr<KafkaProducer>(new KafkaProducer(std::move(client)));
}

Result<void> KafkaProducer::Produce(const std::string& topic, std::int32_t partition,
                                    std::string_view key, std::string_view payload,
                                    EventTime timestamp) {
  return client_->Produce(topic, partition, key, payload, timestamp);
}

Result<void> KafkaProducer::Flush(std::chrono::milliseconds timeout) {
  return client_->Flush(timeout);
}

std::int64_t KafkaProducer::delivered() const { return client_->delivered(); }
std::int64_t KafkaProducer::failed() const { return client_->failed(); }

Result<void> CreateTopic(const KafkaOptions& options, const std::string& name, int partitions,
                         const std::map<std::string, std::string>& config,
                         std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  if (auto requested = RequestTopic(options, name, partitions, config, timeout); !requested) {
    return requested;
  }
  // The broker that creates a topic may not be told of it yet.
  const std::vector<std::string> names{name};
  while (std::chrono::steady_clock::now() < deadline) {
    const auto counts = PartitionCounts(options, names, Left(deadline));
    if (!counts) return tl::unexpected(counts.error());
    if (counts->at(name) > 0) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return FailRetryable("kafka: topic " + name + " was created, but no broker shows it yet");
}

}  // namespace guardwatch
