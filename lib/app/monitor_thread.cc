#include "app/monitor_thread.h"

#include <utility>

#include "base/check.h"
#include "net/clock.h"

namespace guardwatch {

MonitorThread::MonitorThread(MonitorOptions options, Duration interval, OnSnapshot on_snapshot)
    : interval_(interval),
      on_snapshot_(std::move(on_snapshot)),
      monitor_(std::move(options)),
      proposed_(monitor_.sources().size()),
      snapshot_(monitor_.TakeSnapshot(TickNow())),
      thread_([this] { Run(); }) {}

MonitorThread::~MonitorThread() { Stop(); }

Tick MonitorThread::TickNow() const { return {Now(), MonotonicNow()}; }

bool MonitorThread::Push(ShardBatch batch) {
  std::unique_lock lock(mutex_);
  space_.wait(lock, [&] { return stopping_ || batches_.size() < kQueueCapacity; });
  if (stopping_) return false;
  batches_.push_back(std::move(batch));
  wake_.notify_one();
  return true;
}

void MonitorThread::Post(Ask ask) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return;
  asks_.push_back(std::move(ask));
  wake_.notify_one();
}

std::size_t MonitorThread::queue_depth() const {
  const std::lock_guard lock(mutex_);
  return batches_.size();
}

void MonitorThread::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  space_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void MonitorThread::PublishSnapshot() {
  auto snapshot = monitor_.TakeSnapshot(TickNow());
  snapshot_.Publish(snapshot);
  on_snapshot_(std::move(snapshot));
}

void MonitorThread::Run() {
  MonotonicTime published = MonotonicNow();
  std::unique_lock lock(mutex_);
  while (true) {
    const Duration left = published + interval_ - MonotonicNow();
    wake_.wait_for(lock, std::max(left, Duration{}),
                   [&] { return stopping_ || !asks_.empty() || !batches_.empty(); });
    if (!asks_.empty()) {
      const Ask ask = std::move(asks_.front());
      asks_.pop_front();
      lock.unlock();
      ask(monitor_, TickNow());
      lock.lock();
    } else if (!batches_.empty()) {
      const ShardBatch batch = std::move(batches_.front());
      batches_.pop_front();
      space_.notify_one();
      lock.unlock();
      // The queue keeps a worker's batches in order, so each continues the one before.
      GUARDWATCH_CHECK(monitor_.Take(batch, TickNow()));
      proposed_[batch.source].Publish(monitor_.Proposed(batch.source));
      lock.lock();
    } else if (stopping_) {
      break;
    }
    if (MonotonicNow() - published >= interval_) {
      lock.unlock();
      PublishSnapshot();
      published = MonotonicNow();
      lock.lock();
    }
  }
  lock.unlock();
  PublishSnapshot();
}

}  // namespace guardwatch
