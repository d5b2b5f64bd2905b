#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <librdkafka/rdkafka.h>

#include "base/result.h"
#include "kafka/options.h"

// The layer's own view of librdkafka: handles that free themselves, errors as Result, and callbacks
// that no exception leaves. Included by this layer's source files only.

namespace guardwatch {

template <auto Destroy>
struct Deleter {
  template <class T>
  void operator()(T* handle) const noexcept {
    Destroy(handle);
  }
};

// Without the consumer's close, which would wait for a group that we are no member of.
inline void DestroyClient(rd_kafka_t* client) noexcept {
  rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

using AdminOptionsHandle =
    std::unique_ptr<rd_kafka_AdminOptions_t, Deleter<rd_kafka_AdminOptions_destroy>>;
using ClientHandle = std::unique_ptr<rd_kafka_t, Deleter<DestroyClient>>;
using ConfHandle = std::unique_ptr<rd_kafka_conf_t, Deleter<rd_kafka_conf_destroy>>;
using ErrorHandle = std::unique_ptr<rd_kafka_error_t, Deleter<rd_kafka_error_destroy>>;
using EventHandle = std::unique_ptr<rd_kafka_event_t, Deleter<rd_kafka_event_destroy>>;
using MetadataHandle =
    std::unique_ptr<const rd_kafka_metadata_t, Deleter<rd_kafka_metadata_destroy>>;
using NewTopicHandle = std::unique_ptr<rd_kafka_NewTopic_t, Deleter<rd_kafka_NewTopic_destroy>>;
using PartitionListHandle = std::unique_ptr<rd_kafka_topic_partition_list_t,
                                            Deleter<rd_kafka_topic_partition_list_destroy>>;
using QueueHandle = std::unique_ptr<rd_kafka_queue_t, Deleter<rd_kafka_queue_destroy>>;
using TopicHandle = std::unique_ptr<rd_kafka_topic_t, Deleter<rd_kafka_topic_destroy>>;

// A batch of messages, given back to librdkafka when the next one is asked for.
class MessageBatch {
 public:
  explicit MessageBatch(std::size_t slots) : slots_(slots) {}
  MessageBatch(const MessageBatch&) = delete;
  MessageBatch& operator=(const MessageBatch&) = delete;
  ~MessageBatch() { Release(); }

  std::span<rd_kafka_message_t* const> messages() const { return {slots_.data(), count_}; }

  void Release();

  // Takes what is there, and waits for the first only. Messages of before must have been released.
  void Fill(rd_kafka_queue_t& queue, std::chrono::milliseconds wait);

 private:
  void Consume(rd_kafka_queue_t& queue, std::chrono::milliseconds wait, std::size_t limit);

  std::vector<rd_kafka_message_t*> slots_;
  std::size_t count_ = 0;
};

// What a client tells its owner. `log` comes from any thread, the others from whoever polls the
// client. None may throw.
struct ClientCallbacks {
  KafkaLog log;
  std::function<void(rd_kafka_resp_err_t code, std::string_view reason)> error;
  std::function<void(std::string_view json)> statistics;
  std::function<void(rd_kafka_resp_err_t code)> committed;
  std::function<void(const rd_kafka_message_t& message)> delivered;
};

struct Setting {
  std::string name;
  std::string value;
};

// A configuration of `defaults`, over them the user's properties, over them `owned` and what
// identifies us. Refuses properties that we own. Error texts never hold a secret's value.
Result<ConfHandle> MakeConf(const KafkaOptions& options, std::span<const Setting> defaults,
                            std::span<const Setting> owned);

// A client of that configuration; `callbacks` must outlive it.
Result<ClientHandle> MakeClient(rd_kafka_type_t type, ConfHandle conf, ClientCallbacks& callbacks);

// An error with librdkafka's words for `code`; retryable if the cluster, not the request, is to
// blame.
Error KafkaError(std::string_view what, rd_kafka_resp_err_t code);

// A wait in librdkafka's terms: never negative, never "for ever".
int TimeoutMs(std::chrono::milliseconds wait);

}  // namespace guardwatch
