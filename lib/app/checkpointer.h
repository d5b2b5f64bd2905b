#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "app/logging.h"
#include "base/state_changes.h"
#include "base/time.h"
#include "store/state_store.h"

namespace guardwatch {

struct CheckpointStatus {
  std::int64_t written = 0;
  std::int64_t failed = 0;
  Duration last_duration{};
  std::int64_t last_bytes = 0;
  MonotonicTime last_success{};
  std::string last_error;  // Of the attempt under way; empty if it, or the last one, is well.
};

// Writes checkpoints on a thread of its own, one at a time, so that nothing waits for the disk. One
// that cannot be written is tried again until it can.
class Checkpointer {
 public:
  Checkpointer(StateStore& store, Logger& log);
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  bool idle() const;

  // Only while idle. `done` is called on the checkpointer's thread once everything is on disk.
  void Write(StateChanges changes, std::function<void()> done);

  // Waits at most `patience` for the checkpoint under way. False: it could not be written.
  bool Finish(std::chrono::milliseconds patience);

  CheckpointStatus status() const;

 private:
  struct Job {
    StateChanges changes;
    std::function<void()> done;
  };
  void Run();
  bool WriteOne(const Job& job, Duration& pause);

  StateStore& store_;
  Logger& log_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Job> job_;
  CheckpointStatus status_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace guardwatch
