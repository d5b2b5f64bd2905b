#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "app/logging.h"
#include "app/monitor_thread.h"
#include "app/restore.h"
#include "app/shard_plan.h"
#include "app/worker_thread.h"
#include "base/hash.h"
#include "config/config.h"

namespace guardwatch {

struct SourceRunnerOptions {
  int workers = 1;
  Duration flush_interval = std::chrono::seconds(1);
  Duration discovery_interval =
      std::chrono::seconds(30);  // How often new partitions are looked for.
  HashSeed seed;
  std::int64_t pending_bytes = 0;  // What may wait in the source's shards together.
};

// What a source runner knows of its part of the process.
struct SourceRunnerStatus {
  bool ready = false;
  std::string not_ready_reason;
  std::vector<WorkerStatus> workers;
  std::vector<LogLag> lags;
};

// Brings one configured source to life: finds its partitions, plans shards, starts workers, and
// keeps looking for partitions that appear later. Whatever is missing (a broker, a topic) is asked
// for again until it is there; nothing that the outside does ends it.
class SourceRunner {
 public:
  // `config` must outlive the runner. `restored`: the shards that a checkpoint has left, if any.
  SourceRunner(std::uint32_t index, const SourceConfig& config, SourceRunnerOptions options,
               Shards restored, MonitorThread& monitor, Logger& log);
  ~SourceRunner();

  // Stops looking and reading. What was read is handed to the monitor first.
  void Stop();

  SourceRunnerStatus Status() const;

 private:
  void Run();
  void Discover();
  Result<void> Start(const ShardPlan& plan);
  void Extend(const ShardPlan& plan);
  void SetTrouble(std::string trouble);
  void ExpectShards(std::uint32_t from, std::uint32_t to);
  std::unique_ptr<Shard> TakeShard(std::uint32_t number);
  LogAssignment StartOf(const PlannedLog& log, std::uint32_t worker, std::uint32_t workers) const;
  CarriedKinds Carries() const;

  const std::uint32_t index_;
  const SourceConfig& config_;
  const SourceRunnerOptions options_;
  MonitorThread& monitor_;
  Logger& log_;
  const WallTime started_;
  Shards restored_;     // Until they are handed to workers.
  const bool goes_on_;  // A checkpoint has left some.

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::string trouble_ = "starting";
  std::vector<std::unique_ptr<WorkerThread>> workers_;
  ShardPlan plan_;  // What is being read. The runner's own thread only.
  std::thread thread_;
};

}  // namespace guardwatch
