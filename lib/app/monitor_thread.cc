#include "app/monitor_thread.h"

#include <algorithm>
#include <utility>

#include "app/restore.h"
#include "app/thread_name.h"
#include "base/check.h"
#include "net/clock.h"

namespace guardwatch {
namespace {

constexpr auto kPatienceAtStop = std::chrono::seconds(4);

// Catching up changes in a second what otherwise changes in a minute. Written in pieces it takes
// the same memory again and again.
constexpr std::size_t kMostChangedBytes = std::size_t{12} << 20;

}  // namespace

MonitorThread::MonitorThread(std::unique_ptr<Monitor> monitor, Options options)
    : options_(std::move(options)),
      monitor_(std::move(monitor)),
      shard_changes_(std::move(options_.preamble)),
      checkpointed_(MonotonicNow()),
      proposed_(monitor_->sources().size()) {
  for (std::uint32_t i = 0; i < proposed_.size(); ++i) {
    proposed_[i].Publish(monitor_->Proposed(i));
  }
  snapshot_.Publish(monitor_->TakeSnapshot(TickNow()));
  thread_ = std::thread([this] { Run(); });
}

MonitorThread::~MonitorThread() { Stop(); }

Tick MonitorThread::TickNow() const { return {Now(), MonotonicNow()}; }

bool MonitorThread::HasSpace() const {
  return batches_.size() < kQueueCapacity && queued_changes_ < kMostQueuedChanges;
}

bool MonitorThread::Push(ShardBatch batch) {
  std::unique_lock lock(mutex_);
  space_.wait(lock, [&] { return stopping_ || HasSpace(); });
  if (stopping_) return false;
  queued_changes_ += batch.deltas.size();
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

std::size_t MonitorThread::queued_changes() const {
  const std::lock_guard lock(mutex_);
  return queued_changes_;
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

void MonitorThread::TakeBatch(ShardBatch batch) {
  StateChanges state = std::exchange(batch.state, {});
  // The queue keeps a worker's batches in order, so each continues the one before.
  GUARDWATCH_CHECK(monitor_->Take(batch, TickNow()));
  proposed_[batch.source].Publish(monitor_->Proposed(batch.source));
  if (options_.checkpointer != nullptr) {
    changed_bytes_ += state.bytes();
    shard_changes_.Append(std::move(state),
                          ShardPrefix(options_.sources[batch.source], batch.shard));
  }
}

// --- Checkpoints ---
//
// What the monitor has taken so far is a consistent cut: every batch brings what changed in its
// shard and how far it has read, so writing both together needs nobody to stop.

void MonitorThread::WriteCheckpoint() {
  StateChanges changes = std::exchange(shard_changes_, {});
  changed_bytes_ = 0;
  changes.Append(monitor_->TakeChanges(), kMonitorPrefix);
  options_.checkpointer->Write(std::move(changes), [told = options_.on_durable,
                                                    snapshot = monitor_->TakeSnapshot(TickNow())] {
    if (told) told(snapshot);
  });
  checkpointed_ = MonotonicNow();
}

// A log that a checkpoint does not know has come since, and holds nobody back before its first
// event. So there is no checkpoint of a start that only some shards have reported.
bool MonitorThread::CutIsWhole() const {
  const auto& sources = monitor_->sources();
  return std::all_of(sources.begin(), sources.end(),
                     [](const auto& source) { return source->logs().Complete(); });
}

void MonitorThread::KeepUpCheckpoints() {
  if (options_.checkpointer == nullptr) return;
  const Duration since_last = MonotonicNow() - checkpointed_;
  paused_ = !options_.checkpointer->idle() && since_last > options_.max_checkpoint_age;
  const bool due =
      since_last >= options_.checkpoint_interval || changed_bytes_ >= kMostChangedBytes;
  // A page does not wait for the next regular checkpoint.
  const bool urgent = monitor_->alerts_changed();
  if ((due || urgent) && options_.checkpointer->idle() && CutIsWhole()) WriteCheckpoint();
}

std::vector<Finding> MonitorThread::CheckpointFindings() const {
  std::vector<Finding> findings;
  if (options_.checkpointer == nullptr) return findings;
  const CheckpointStatus status = options_.checkpointer->status();
  if (status.last_error.empty()) return findings;
  Finding finding;
  finding.kind = "checkpoint_failing";
  finding.severity = paused_ ? Finding::Severity::kCritical : Finding::Severity::kWarning;
  finding.summary = "State cannot be written: " + status.last_error + ". " +
                    (paused_ ? "Reading has stopped until it can; nothing is lost."
                             : "Alerts are held until it can; reading goes on for now.");
  finding.since_wall = Now() - (MonotonicNow() - status.last_success);
  findings.push_back(std::move(finding));
  return findings;
}

void MonitorThread::PublishSnapshot() {
  auto snapshot = monitor_->TakeSnapshot(TickNow(), CheckpointFindings());
  snapshot_.Publish(snapshot);
  if (options_.on_snapshot) options_.on_snapshot(snapshot);
  if (options_.checkpointer == nullptr && options_.on_durable) options_.on_durable(snapshot);
}

void MonitorThread::Run() {
  NameThread("monitor");
  MonotonicTime published = MonotonicNow();
  std::unique_lock lock(mutex_);
  while (true) {
    const Duration left = published + options_.interval - MonotonicNow();
    wake_.wait_for(lock, std::max(left, Duration{}),
                   [&] { return stopping_ || !asks_.empty() || !batches_.empty(); });
    if (!asks_.empty()) {
      const Ask ask = std::move(asks_.front());
      asks_.pop_front();
      lock.unlock();
      ask(*monitor_, TickNow());
      lock.lock();
    } else if (!batches_.empty()) {
      ShardBatch batch = std::move(batches_.front());
      batches_.pop_front();
      queued_changes_ -= batch.deltas.size();
      space_.notify_all();
      lock.unlock();
      TakeBatch(std::move(batch));
      if (changed_bytes_ >= kMostChangedBytes) KeepUpCheckpoints();
      lock.lock();
    } else if (stopping_) {
      break;
    }
    if (MonotonicNow() - published >= options_.interval) {
      lock.unlock();
      PublishSnapshot();
      KeepUpCheckpoints();
      published = MonotonicNow();
      lock.lock();
    }
  }
  lock.unlock();
  PublishSnapshot();
  if (options_.checkpointer == nullptr || !CutIsWhole()) return;
  if (!options_.checkpointer->Finish(kPatienceAtStop)) return;
  WriteCheckpoint();
  options_.checkpointer->Finish(kPatienceAtStop);
}

}  // namespace guardwatch
