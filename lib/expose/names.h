#pragma once

#include <array>
#include <string_view>

#include "base/time.h"
#include "window/batch.h"

namespace guardwatch {

inline constexpr std::array kLogStates{LogState::kWaiting, LogState::kActive, LogState::kIdle,
                                       LogState::kUnavailable, LogState::kFinished};

// How the metrics and the API name the state of a log.
constexpr std::string_view LogStateName(LogState state) {
  switch (state) {
    case LogState::kWaiting:
      return "waiting";
    case LogState::kActive:
      return "active";
    case LogState::kIdle:
      return "idle";
    case LogState::kUnavailable:
      return "unavailable";
    case LogState::kFinished:
      return "finished";
  }
  return "";
}

// The classes of LogCounters::late: at most this far beyond the limit; the last is open-ended.
inline constexpr std::array<std::string_view, kLateAges> kLateAgeNames{"1m", "10m", "1h",
                                                                       "6h", "24h", "more"};

// Whether a watermark or another time of the stream is a real time, not "none yet" or "everything".
constexpr bool IsKnown(EventTime time) { return time != kBeginningOfTime && time != kEndOfTime; }

}  // namespace guardwatch
