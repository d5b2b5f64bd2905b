#include "ingest/log_progress.h"

namespace guardwatch {

void LogProgress::Observe(const LogHealth& health, std::int64_t next_offset, MonotonicTime now) {
  at_end_ = health.at_end || health.finished;
  stuck_ = health.stuck;
  if (health.finished) {
    state_ = LogState::kFinished;
    return;
  }
  const bool advancing = next_offset != seen_offset_;
  seen_offset_ = next_offset;
  if (health.readable) readable_at_ = now;
  if (now - readable_at_ >= source_->hold_timeout) {
    state_ = LogState::kUnavailable;
    return;
  }
  if (state_ == LogState::kUnavailable && health.readable) {
    state_ = progress_ ? LogState::kActive : LogState::kWaiting;
  }
  const bool silent = now - accepted_at_ >= source_->idle_timeout;
  if (silent && health.readable && (health.at_end || advancing)) state_ = LogState::kIdle;
}

}  // namespace guardwatch
