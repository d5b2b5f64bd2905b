#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace guardwatch {

// Where reading starts in a log of which nothing was read before.
struct StartPolicy {
  enum class From { kEarliest, kLatest, kBack };
  From from = From::kBack;
  // For kBack: from the first record whose timestamp is at most this far before the start. The
  // longest default window and the default label horizon.
  Duration back = std::chrono::hours(48);
};

// How to reach a Kafka cluster and how to read it.
struct KafkaOptions {
  std::vector<std::string> brokers;               // host:port, of which one has to answer.
  std::map<std::string, std::string> properties;  // Any of librdkafka's, except those we own.
  std::string group_id = "guardwatch";            // Only to show lag under; membership is not used.
  std::string client_id = "guardwatch";
  StartPolicy start;
  std::chrono::milliseconds statistics_interval{
      5000};  // How fast a lost or found broker is noticed.
  // How long a transaction may keep a log from being read before that counts as stuck.
  std::chrono::milliseconds stuck_after = std::chrono::seconds(60);
};

// Takes what the Kafka client has to say; `level` is syslog's (3 error, 4 warning, 6 info, 7
// debug). Called from the client's own threads as well.
using KafkaLog = std::function<void(int level, std::string_view text)>;

}  // namespace guardwatch
