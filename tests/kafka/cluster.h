#pragma once

#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "kafka/kafka_source.h"
#include "kafka/producer.h"

namespace guardwatch {

using std::chrono::milliseconds;
using std::chrono::seconds;

inline constexpr seconds kPatience{30};  // For what takes a broker well under one.

// A record as it was read, with what outlives the next Poll.
struct ReadRecord {
  std::uint32_t log = 0;
  std::int64_t offset = 0;
  std::optional<EventTime> timestamp;
  std::optional<std::string> payload;
};

inline EventTime Minute(int minute) {
  return EventTimeFromMicros(1'700'000'000'000'000) + std::chrono::minutes(minute);
}

// Options for the broker that the tests were started with.
inline KafkaOptions TestOptions() {
  const char* brokers = std::getenv("GUARDWATCH_TEST_BROKERS");
  if (brokers == nullptr) {
    throw std::runtime_error("GUARDWATCH_TEST_BROKERS is not set: run through with_servers.py");
  }
  KafkaOptions options;
  options.brokers = {brokers};
  options.start.from = StartPolicy::From::kEarliest;
  return options;
}

// A new topic of a name that no other test has.
inline std::string MakeTopic(const KafkaOptions& options, const std::string& name, int partitions,
                             const std::map<std::string, std::string>& config = {}) {
  std::string topic = name + "." + std::to_string(std::random_device{}());
  const auto created = CreateTopic(options, topic, partitions, config);
  if (!created) throw std::runtime_error(created.error().message);
  return topic;
}

inline std::unique_ptr<KafkaProducer> MakeProducer(const KafkaOptions& options) {
  auto producer = KafkaProducer::Create(options, {});
  if (!producer) throw std::runtime_error(producer.error().message);
  return std::move(*producer);
}

inline std::unique_ptr<KafkaSource> MakeSource(const KafkaOptions& options,
                                               std::vector<LogAssignment> assignments,
                                               WallTime now = {}) {
  auto source = KafkaSource::Create(options, std::move(assignments), now, {});
  if (!source) throw std::runtime_error(source.error().message);
  return std::move(*source);
}

inline LogAssignment FromConfig(const std::string& topic, std::int32_t partition) {
  return {{topic, partition}, LogAssignment::kStartFromConfig};
}

// Records one per minute from minute 0, with payloads "0", "1", ...
inline void ProduceMinutes(const KafkaOptions& options, const std::string& topic,
                           std::int32_t partition, int count) {
  const auto producer = MakeProducer(options);
  for (int i = 0; i < count; ++i) {
    const auto produced = producer->Produce(topic, partition, "key", std::to_string(i), Minute(i));
    ASSERT_TRUE(produced) << produced.error().message;
  }
  const auto flushed = producer->Flush(kPatience);
  ASSERT_TRUE(flushed) << flushed.error().message;
}

// Polls until `done`, or until patience ends, which fails the test.
inline std::vector<ReadRecord> ReadUntil(
    KafkaSource& source, const std::function<bool(const std::vector<ReadRecord>&)>& done) {
  std::vector<ReadRecord> read;
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!done(read)) {
    if (std::chrono::steady_clock::now() > deadline) {
      std::string states;
      for (const LogStatus& status : source.Status()) {
        states += "\n  next " + std::to_string(status.next_offset) + " end " +
                  std::to_string(status.end_offset) + (status.readable ? " readable " : " ") +
                  status.error;
      }
      ADD_FAILURE() << "not done after " << read.size() << " records; logs:" << states;
      break;
    }
    for (const Record& record : source.Poll(milliseconds(50))) {
      read.push_back({record.log, record.offset, record.timestamp, std::nullopt});
      if (record.payload.data() != nullptr) read.back().payload = record.payload;
    }
  }
  return read;
}

inline bool AtEnd(KafkaSource& source) {
  for (const LogStatus& status : source.Status()) {
    if (!status.readable || status.end_offset < 0 || status.next_offset != status.end_offset) {
      return false;
    }
  }
  return true;
}

// Everything up to the present end of every log.
inline std::vector<ReadRecord> ReadToEnd(KafkaSource& source) {
  return ReadUntil(source, [&](const auto&) { return AtEnd(source); });
}

inline std::vector<ReadRecord> ReadCount(KafkaSource& source, std::size_t count) {
  return ReadUntil(source, [&](const auto& read) { return read.size() >= count; });
}

inline std::vector<std::int64_t> OffsetsOf(const std::vector<ReadRecord>& read,
                                           std::uint32_t log = 0) {
  std::vector<std::int64_t> offsets;
  for (const ReadRecord& record : read) {
    if (record.log == log) offsets.push_back(record.offset);
  }
  return offsets;
}

inline std::vector<std::int64_t> Range(std::int64_t from, std::int64_t to) {
  std::vector<std::int64_t> numbers;
  for (std::int64_t i = from; i < to; ++i) numbers.push_back(i);
  return numbers;
}

}  // namespace guardwatch
