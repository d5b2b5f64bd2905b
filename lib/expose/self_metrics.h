#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"

namespace guardwatch {

// What one alert receiver did since the process started.
struct ReceiverStatus {
  std::string name;
  std::int64_t sent = 0;     // Notifications delivered.
  std::int64_t failed = 0;   // Delivery attempts that failed, retried ones included.
  std::int64_t dropped = 0;  // Notifications given up, or pushed out of a full queue.
  std::int64_t queued = 0;
  std::optional<WallTime> last_success;
  std::string last_error;          // Of the latest attempt; empty if it succeeded.
  std::string circuit = "closed";  // closed: sends; open: waits; half_open: tries once.
};

struct QueueStatus {
  std::string name;
  std::int64_t depth = 0;
  std::int64_t capacity = 0;
};

struct WorkerStatus {
  std::string name;
  double busy_ratio = 0;  // Share of the last interval not spent waiting for input, 0 to 1.
};

// How far a log's end is ahead of what was read.
struct LogLag {
  std::string source;
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t records = 0;
};

// How the keeping of state goes; absent where nothing is durable.
struct CheckpointMetrics {
  std::string path;
  Duration age{};       // Since the last one was on disk.
  Duration duration{};  // Of the last one: how long the disk took.
  std::int64_t bytes = 0;
  std::int64_t written = 0;
  std::int64_t failed = 0;  // Attempts; each is repeated until it is written.
  std::string last_error;   // Of the attempt under way; empty if all is well.
};

// The state of the process itself, as gathered for one scrape or one status answer. The monitor's
// Snapshot knows the stream; this knows the machine.
struct SelfMetrics {
  std::string version;
  std::string revision;
  std::string compiler;
  WallTime started_at{};
  WallTime now{};

  bool ready = false;
  std::string not_ready_reason;  // For people; empty when ready.

  std::string config_hash;
  bool config_reload_ok = true;  // The latest load or reload.
  std::optional<WallTime> config_loaded_at;

  std::vector<QueueStatus> queues;
  std::vector<WorkerStatus> workers;
  std::vector<LogLag> lags;
  std::vector<ReceiverStatus> receivers;
  std::optional<CheckpointMetrics> checkpoint;
  std::int64_t resident_bytes = 0;

  Duration uptime() const { return now - started_at; }
};

}  // namespace guardwatch
