#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "source/source.h"

namespace guardwatch {

// What is of use to us in the statistics that librdkafka emits.
struct KafkaStatistics {
  struct Broker {
    std::string state;     // "UP", "DOWN", "CONNECT", ...
    bool waiting = false;  // It has been asked something that it has not answered.
    std::chrono::microseconds silent_for{};  // Since something came from it.
  };
  struct Partition {
    std::int32_t broker = -1;  // The id of the broker that it is read from; -1 when there is none.
    bool unknown = false;      // The cluster does not have it.
    std::string fetch_state;   // "active" when records are being asked for.
    std::int64_t stable_offset = -1;  // Where the first open transaction begins, or the end.
    std::int64_t end_offset = -1;     // One past the last record, as the last fetch told.
  };
  std::map<std::int32_t, Broker> brokers;  // By broker id.
  std::map<LogName, Partition> partitions;

  bool IsUp(std::int32_t broker) const;
  // False: the connection stands, but what was asked has been without an answer for long. A frozen
  // machine or network looks like that until a timeout ends the connection, which takes a minute.
  bool Answers(std::int32_t broker) const;
  bool AnyUp() const;
};

// Reads librdkafka's JSON. Nullopt if it has another form than we know.
std::optional<KafkaStatistics> ParseKafkaStatistics(std::string_view json);

}  // namespace guardwatch
