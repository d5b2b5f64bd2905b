#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "kafka/options.h"

namespace guardwatch {

// Writes records to Kafka: each once and, per partition, in the order of the calls, as long as the
// producer lives. For one thread.
class KafkaProducer {
 public:
  static Result<std::unique_ptr<KafkaProducer>> Create(const KafkaOptions& options, KafkaLog log);
  ~KafkaProducer();

  // Queues one record, with the timestamp cut to milliseconds; copies what it is given. A payload
  // without a data pointer is a tombstone. Blocks while the queue is full. Whether the record
  // arrived is known after Flush.
  Result<void> Produce(const std::string& topic, std::int32_t partition, std::string_view key,
                       std::string_view payload, EventTime timestamp);

  // Waits until every queued record has arrived or failed. An error if the time is over (retryable)
  // or if any record since the start has failed.
  Result<void> Flush(std::chrono::milliseconds timeout);

  std::int64_t delivered() const;
  std::int64_t failed() const;

 private:
  class Client;
  explicit KafkaProducer(std::unique_ptr<Client> client);

  std::unique_ptr<Client> client_;
};

// Creates a topic with the cluster's default replication and waits until it can be seen. One that
// exists already is fine, whatever its partitions and configuration.
Result<void> CreateTopic(const KafkaOptions& options, const std::string& name, int partitions,
                         const std::map<std::string, std::string>& config,
                         std::chrono::milliseconds timeout = std::chrono::seconds(30));

}  // namespace guardwatch
