#include "app/checkpointer.h"

#include <algorithm>
#include <utility>

#include "app/thread_name.h"
#include "base/check.h"
#include "net/clock.h"

namespace guardwatch {
namespace {

constexpr Duration kFirstPause = std::chrono::milliseconds(200);
constexpr Duration kLongestPause = std::chrono::seconds(5);

}  // namespace

Checkpointer::Checkpointer(StateStore& store, Logger& log) : store_(store), log_(log) {
  status_.last_success = MonotonicNow();
  thread_ = std::thread([this] { Run(); });
}

Checkpointer::~Checkpointer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool Checkpointer::idle() const {
  const std::lock_guard lock(mutex_);
  return !job_.has_value();
}

void Checkpointer::Write(StateChanges changes, std::function<void()> done) {
  {
    const std::lock_guard lock(mutex_);
    GUARDWATCH_CHECK(!job_);
    job_ = Job{std::move(changes), std::move(done)};
  }
  changed_.notify_all();
}

bool Checkpointer::Finish(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [&] { return !job_.has_value(); });
}

CheckpointStatus Checkpointer::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

void Checkpointer::Run() {
  NameThread("checkpoints");
  Duration pause = kFirstPause;
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stopping_ || job_; });
    if (stopping_) return;
    lock.unlock();
    const bool written = WriteOne(*job_, pause);  // Nobody else touches a job that is there.
    if (written && job_->done) job_->done();
    lock.lock();
    if (written) {
      job_.reset();
      changed_.notify_all();
    } else {
      changed_.wait_for(lock, pause, [&] { return stopping_; });
      pause = std::min(pause * 2, kLongestPause);
    }
  }
}

bool Checkpointer::WriteOne(const Job& job, Duration& pause) {
  const MonotonicTime started = MonotonicNow();
  const Result<void> written = store_.Commit(job.changes);
  const MonotonicTime ended = MonotonicNow();
  std::string error_before;
  {
    const std::lock_guard lock(mutex_);
    error_before = std::exchange(status_.last_error, written ? "" : written.error().message);
    ++(written ? status_.written : status_.failed);
    if (written) {
      status_.last_duration = ended - started;
      status_.last_bytes = static_cast<std::int64_t>(job.changes.bytes());
      status_.last_success = ended;
    }
  }
  if (written) {
    pause = kFirstPause;
    if (!error_before.empty()) log_.Info("state", "checkpoints are written again");
  } else if (written.error().message != error_before) {
    log_.Error("state", "a checkpoint cannot be written; it is tried again",
               {{"error", written.error().message}});
  }
  return written.has_value();
}

}  // namespace guardwatch
