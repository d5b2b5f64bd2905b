#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

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

  // `on_snapshot` is called on the monitor's thread, at most once per `interval`.
  MonitorThread(MonitorOptions options, Duration interval, OnSnapshot on_snapshot);
  ~MonitorThread();
  MonitorThread(const MonitorThread&) = delete;
  MonitorThread& operator=(const MonitorThread&) = delete;

  // Any thread. Waits while the queue is full; false after Stop.
  bool Push(ShardBatch batch);

  // Any thread. Runs `ask` on the monitor's thread, before batches that wait; dropped after Stop.
  void Post(Ask ask);

  // Works off what is queued, publishes a last snapshot, and ends.
  void Stop();

  Watermarks Proposed(std::uint32_t source) const { return proposed_[source].Get(); }
  std::shared_ptr<const Snapshot> snapshot() const { return snapshot_.Get(); }
  std::size_t queue_depth() const;
  static constexpr std::size_t kQueueCapacity = 256;

 private:
  void Run();
  void PublishSnapshot();
  Tick TickNow() const;

  const Duration interval_;
  const OnSnapshot on_snapshot_;
  Monitor monitor_;
  std::vector<Published<Watermarks>> proposed_;
  Published<std::shared_ptr<const Snapshot>> snapshot_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;   // For the monitor's thread.
  std::condition_variable space_;  // For workers.
  std::deque<ShardBatch> batches_;
  std::deque<Ask> asks_;
  bool stopping_ = false;
  std::thread thread_;  // Last: everything above is there when it starts.
};

}  // namespace guardwatch
