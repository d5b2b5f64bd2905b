#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "app/checkpointer.h"
#include "app/published.h"
#include "base/time.h"
#include "monitor/monitor.h"
#include "window/batch.h"

namespace guardwatch {

// Runs the monitor stage on a thread of its own. Batches come through a bounded queue: a full one
// makes the workers wait, so back-pressure is not polling. Questions pass batches by.
class MonitorThread {
 public:
  using Ask = std::function<void(Monitor&, const Tick&)>;
  using OnSnapshot = std::function<void(std::shared_ptr<const Snapshot>)>;

  struct Options {
    Duration interval = std::chrono::seconds(1);  // Between snapshots, at least.
    OnSnapshot on_snapshot;                       // On the monitor's thread.

    // Where state is kept; without it nothing is durable, and every snapshot counts as such.
    Checkpointer* checkpointer = nullptr;
    StateChanges preamble;             // Goes into the first checkpoint.
    std::vector<std::string> sources;  // Their names, by index.
    Duration checkpoint_interval = std::chrono::seconds(5);
    Duration max_checkpoint_age = std::chrono::minutes(1);  // Beyond it nothing more is read.
    // Any thread. A snapshot all of which will be there again after a crash: what receivers are
    // told of.
    OnSnapshot on_durable;
  };
  MonitorThread(std::unique_ptr<Monitor> monitor, Options options);
  ~MonitorThread();
  MonitorThread(const MonitorThread&) = delete;
  MonitorThread& operator=(const MonitorThread&) = delete;

  // Any thread. Waits while the queue is full; false after Stop.
  bool Push(ShardBatch batch);

  // Any thread. Runs `ask` on the monitor's thread, before batches that wait; dropped after Stop.
  void Post(Ask ask);

  // Works off what is queued, publishes a last snapshot, writes a last checkpoint, and ends.
  void Stop();

  // Checkpoints have not been written for so long that nothing more should be read.
  bool paused() const { return paused_; }

  Watermarks Proposed(std::uint32_t source) const { return proposed_[source].Get(); }
  std::shared_ptr<const Snapshot> snapshot() const { return snapshot_.Get(); }
  std::size_t queue_depth() const;     // In batches,
  std::size_t queued_changes() const;  // and the changes in them.
  static constexpr std::size_t kQueueCapacity = 256;
  // Batches of many thin cohorts are large, and workers are faster than the monitor at them: beyond
  // so many changes, of about half a KiB, the queue is full as well.
  static constexpr std::size_t kMostQueuedChanges = 65'536;

 private:
  void Run();
  bool HasSpace() const;  // With the lock held.
  void TakeBatch(ShardBatch batch);
  void PublishSnapshot();
  void WriteCheckpoint();
  void KeepUpCheckpoints();
  bool CutIsWhole() const;
  std::vector<Finding> CheckpointFindings() const;
  Tick TickNow() const;

  Options options_;
  const std::unique_ptr<Monitor> monitor_;
  StateChanges shard_changes_;  // Of batches taken since the last checkpoint.
  std::size_t changed_bytes_ = 0;
  MonotonicTime checkpointed_{};
  std::atomic<bool> paused_{false};
  std::vector<Published<Watermarks>> proposed_;
  Published<std::shared_ptr<const Snapshot>> snapshot_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;   // For the monitor's thread.
  std::condition_variable space_;  // For workers.
  std::deque<ShardBatch> batches_;
  std::size_t queued_changes_ = 0;  // In batches_.
  std::deque<Ask> asks_;
  bool stopping_ = false;
  std::thread thread_;  // Last: everything above is there when it starts.
};

}  // namespace guardwatch
