#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "app/ingest_worker.h"
#include "app/logging.h"
#include "app/monitor_thread.h"
#include "app/published.h"
#include "expose/self_metrics.h"

namespace guardwatch {

// What a worker reports of itself at each flush.
struct WorkerReport {
  bool started = false;  // Has flushed once: its shards are known to the monitor.
  double busy_ratio = 0;
  std::vector<LogLag> lags;
  std::string trouble;  // Why some log cannot be read; empty if all can.
};

// Drives one IngestWorker: turns as fast as records come, a flush every interval.
class WorkerThread {
 public:
  WorkerThread(std::string name, std::uint32_t source, const std::string& source_name,
               std::unique_ptr<IngestWorker> worker, Duration flush_interval,
               MonitorThread& monitor, Logger& log);
  ~WorkerThread();

  // Has the worker changed by its own thread, at its next turn.
  void Post(std::function<void(IngestWorker&, const Tick&)> change);

  // Stops reading; what was read is flushed before the thread ends.
  void Stop();

  WorkerReport report() const { return report_.Get(); }
  const std::string& name() const { return name_; }

 private:
  void Run();
  void TakeChanges();
  bool Flush();
  void Report(MonotonicTime now);
  void LogRejects(const ShardBatch& batch, MonotonicTime now);

  const std::string name_;
  const std::uint32_t source_;
  const std::string source_name_;
  std::unique_ptr<IngestWorker> worker_;
  const Duration flush_interval_;
  MonitorThread& monitor_;
  Logger& log_;

  std::atomic<bool> stopping_{false};
  std::mutex changes_mutex_;
  std::vector<std::function<void(IngestWorker&, const Tick&)>> changes_;
  Published<WorkerReport> report_;
  MonotonicTime flushed_{};
  std::size_t unflushed_ = 0;  // Records.
  Duration busy_{};
  std::string logged_trouble_;
  std::map<std::pair<std::string, RejectReason>, MonotonicTime> logged_rejects_;
  std::map<std::uint32_t, std::vector<LogName>> shard_logs_;  // By log of each shard; for messages.
  std::thread thread_;
};

}  // namespace guardwatch
