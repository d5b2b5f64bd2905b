#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/log_position.h"
#include "base/time.h"
#include "event/event.h"
#include "ingest/options.h"
#include "window/batch.h"
#include "window/pane.h"

namespace guardwatch {

// What the outside says about a log between events.
struct LogHealth {
  bool readable = true;
  bool at_end = false;    // Everything the log holds now has been read.
  bool finished = false;  // Nothing will ever follow.
  bool stuck = false;     // Records follow that are not given out: of an open transaction.
  std::optional<RecordMark> last_read = std::nullopt;  // To be kept with the next offset.
};

// How far one log has come in event time, and whether others must wait for it. Lateness is decided
// from the log's own progress only, so it cannot depend on how logs are interleaved.
class LogProgress {
 public:
  LogProgress(const SourceOptions& source, CarriedKinds carries, bool starts_idle,
              MonotonicTime added)
      : source_(&source),
        carries_(carries),
        state_(starts_idle ? LogState::kIdle : LogState::kWaiting),
        accepted_at_(added),
        readable_at_(added) {}

  // Goes on from what a checkpoint says of the log.
  void Restore(std::optional<EventTime> progress, LogState state) {
    progress_ = progress;
    state_ = state;
  }

  // How far an event of this log lies behind its watermark; nullopt while it is in time. Events
  // other than labels are held against the S-watermark, labels against the L-watermark.
  std::optional<Duration> Lateness(EventTime event, bool label_event) const {
    const EventTime watermark = label_event ? label_watermark() : score_watermark();
    if (PaneEndOf(event) > watermark) return std::nullopt;
    return watermark - event;
  }

  // Takes note of an event that was neither rejected nor from the future; late ones count as well.
  void Observe(EventTime event, std::optional<EventTime> record_timestamp, MonotonicTime now) {
    const EventTime reached = record_timestamp ? std::min(event, *record_timestamp) : event;
    progress_ = progress_ ? std::max(*progress_, reached) : reached;
    accepted_at_ = now;
    if (state_ != LogState::kFinished) state_ = LogState::kActive;
  }

  // Takes note of time passing; `next_offset` shows whether the log is advancing.
  void Observe(const LogHealth& health, std::int64_t next_offset, MonotonicTime now);

  std::optional<EventTime> progress() const { return progress_; }
  LogState state() const { return state_; }
  bool at_end() const { return at_end_; }
  bool stuck() const { return stuck_; }
  CarriedKinds carries() const { return carries_; }
  bool excused() const { return state_ >= LogState::kIdle; }

  // The log's own watermarks; kBeginningOfTime before the first event.
  EventTime score_watermark() const { return Behind(source_->allowed_lateness); }
  EventTime label_watermark() const { return Behind(source_->label_lateness); }

 private:
  EventTime Behind(Duration lateness) const {
    return progress_ ? *progress_ - lateness : kBeginningOfTime;
  }

  const SourceOptions* source_;
  CarriedKinds carries_;
  std::optional<EventTime> progress_;  // The greatest min(event time, record timestamp).
  LogState state_;
  MonotonicTime accepted_at_;  // Of the last accepted event, or when the log was added.
  MonotonicTime readable_at_;
  std::int64_t seen_offset_ = -1;
  bool at_end_ = false;
  bool stuck_ = false;
};

}  // namespace guardwatch
