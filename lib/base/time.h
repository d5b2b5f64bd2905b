#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

// Two kinds of time that cannot be mixed up: when something happened in the stream (EventTime) and
// when this machine saw it (WallTime). Neither clock has a now(): below the purity line time is an
// input. Both count integer microseconds since the Unix epoch.

namespace guardwatch {

using Duration = std::chrono::microseconds;

struct EventClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<EventClock, duration>;
  static constexpr bool is_steady = false;
};

struct WallClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<WallClock, duration>;
  static constexpr bool is_steady = false;
};

struct MonotonicClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonotonicClock, duration>;
  static constexpr bool is_steady = true;
};

using EventTime = EventClock::time_point;  // When the guardrail scored, decided, was labelled.
using WallTime = WallClock::time_point;    // When this machine saw it; may jump.
using MonotonicTime = MonotonicClock::time_point;  // For timers; never jumps.

constexpr EventTime EventTimeFromMicros(std::int64_t micros) { return EventTime(Duration(micros)); }
constexpr std::int64_t Micros(EventTime t) { return t.time_since_epoch().count(); }
constexpr std::int64_t Micros(WallTime t) { return t.time_since_epoch().count(); }

// "No progress yet" and "everything has passed". Far from the limits of the type, so that adding or
// subtracting any configured duration cannot overflow.
inline constexpr EventTime kBeginningOfTime = EventTimeFromMicros(INT64_MIN / 4);
inline constexpr EventTime kEndOfTime = EventTimeFromMicros(INT64_MAX / 4);

// What the outside world looks like at one moment, as told to the pure stages.
struct Tick {
  WallTime wall{};
  MonotonicTime monotonic{};
};

constexpr std::int64_t FloorDivide(std::int64_t value, std::int64_t divisor) {
  return value / divisor - (value % divisor < 0 ? 1 : 0);
}

}  // namespace guardwatch
