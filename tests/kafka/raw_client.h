#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <utility>

#include <librdkafka/rdkafka.h>

#include "kafka/cluster.h"

// What the tests need of a cluster that the layer has no use for itself.

namespace guardwatch {

class RawClient {
 public:
  RawClient(rd_kafka_type_t type, const KafkaOptions& options,
            const std::map<std::string, std::string>& properties = {}) {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    char text[256];
    rd_kafka_conf_set(conf, "bootstrap.servers", options.brokers.at(0).c_str(), text, sizeof text);
    rd_kafka_conf_set(conf, "log_level", "0", text, sizeof text);
    rd_kafka_conf_set(conf, "group.id", options.group_id.c_str(), text, sizeof text);
    for (const auto& [name, value] : properties) {
      rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text, sizeof text);
    }
    client_ = rd_kafka_new(type, conf, text, sizeof text);
    if (client_ == nullptr) throw std::runtime_error(text);
  }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient() { rd_kafka_destroy(client_); }

  rd_kafka_t* get() const { return client_; }

 private:
  rd_kafka_t* client_ = nullptr;
};

// Deletes the records of partition 0 before `offset`, as retention would.
inline void DeleteRecordsBefore(const KafkaOptions& options, const std::string& topic,
                                std::int64_t offset) {
  const RawClient client(RD_KAFKA_PRODUCER, options);
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, topic.c_str(), 0)->offset = offset;
  rd_kafka_DeleteRecords_t* request = rd_kafka_DeleteRecords_new(list);
  rd_kafka_topic_partition_list_destroy(list);
  rd_kafka_queue_t* queue = rd_kafka_queue_new(client.get());
  rd_kafka_DeleteRecords(client.get(), &request, 1, nullptr, queue);
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 30'000);
  const bool done = event != nullptr && rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR;
  if (event != nullptr) rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  rd_kafka_DeleteRecords_destroy(request);
  if (!done) throw std::runtime_error("records could not be deleted");
}

inline void DeleteTopic(const KafkaOptions& options, const std::string& topic) {
  const RawClient client(RD_KAFKA_PRODUCER, options);
  rd_kafka_DeleteTopic_t* request = rd_kafka_DeleteTopic_new(topic.c_str());
  rd_kafka_queue_t* queue = rd_kafka_queue_new(client.get());
  rd_kafka_DeleteTopics(client.get(), &request, 1, nullptr, queue);
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 30'000);
  const bool done = event != nullptr && rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR;
  if (event != nullptr) rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  rd_kafka_DeleteTopic_destroy(request);
  if (!done) throw std::runtime_error("the topic could not be deleted");
}

// Gives the topic so many partitions in all.
inline void CreatePartitions(const KafkaOptions& options, const std::string& topic, int count) {
  const RawClient client(RD_KAFKA_PRODUCER, options);
  char text[256];
  rd_kafka_NewPartitions_t* request =
      rd_kafka_NewPartitions_new(topic.c_str(), static_cast<std::size_t>(count), text, sizeof text);
  if (request == nullptr) throw std::runtime_error(text);
  rd_kafka_queue_t* queue = rd_kafka_queue_new(client.get());
  rd_kafka_CreatePartitions(client.get(), &request, 1, nullptr, queue);
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 30'000);
  const bool done = event != nullptr && rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR;
  if (event != nullptr) rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  rd_kafka_NewPartitions_destroy(request);
  if (!done) throw std::runtime_error("partitions could not be added");
}

// Writes records to partition 0 in a transaction, which stays open until it is told to end.
class OpenTransaction {
 public:
  OpenTransaction(const KafkaOptions& options, std::string topic)
      : client_(RD_KAFKA_PRODUCER, options, {{"transactional.id", topic}}),
        topic_(std::move(topic)) {
    Check(rd_kafka_init_transactions(client_.get(), 30'000));
    Check(rd_kafka_begin_transaction(client_.get()));
  }

  void Write(int count) {
    rd_kafka_topic_t* topic = rd_kafka_topic_new(client_.get(), topic_.c_str(), nullptr);
    for (int i = 0; i < count; ++i) {
      char payload[] = "of a transaction";
      rd_kafka_produce(topic, 0, RD_KAFKA_MSG_F_COPY, payload, sizeof payload, nullptr, 0, nullptr);
    }
    rd_kafka_topic_destroy(topic);
    if (rd_kafka_flush(client_.get(), 30'000) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      throw std::runtime_error("the records of the transaction did not arrive");
    }
  }

  void Abort() { Check(rd_kafka_abort_transaction(client_.get(), 30'000)); }
  void Commit() { Check(rd_kafka_commit_transaction(client_.get(), 30'000)); }

 private:
  static void Check(rd_kafka_error_t* error) {
    if (error == nullptr) return;
    const std::string text = rd_kafka_error_string(error);
    rd_kafka_error_destroy(error);
    throw std::runtime_error(text);
  }

  RawClient client_;
  std::string topic_;
};

// Has the source commit until the group has an offset for the partition, and tells which; a
// negative number when patience ends first. A cluster takes its time to make a place for a new
// group.
inline std::int64_t CommitUntilSeen(const KafkaOptions& options, const std::string& topic,
                                    std::int32_t partition, KafkaSource& source,
                                    const std::vector<std::int64_t>& next_offsets) {
  const RawClient client(RD_KAFKA_CONSUMER, options);
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, topic.c_str(), partition);
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  do {
    source.Commit(next_offsets);
    source.Poll(milliseconds(50));
    list->elems[0].offset = RD_KAFKA_OFFSET_INVALID;
    rd_kafka_committed(client.get(), list, 5000);
  } while (list->elems[0].offset < 0 && std::chrono::steady_clock::now() < deadline);
  const std::int64_t offset = list->elems[0].offset;
  rd_kafka_topic_partition_list_destroy(list);
  return offset;
}

}  // namespace guardwatch
