#include "net/clock.h"

#include <chrono>

namespace guardwatch {

WallTime Now() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return WallTime(std::chrono::duration_cast<Duration>(since_epoch));
}

MonotonicTime MonotonicNow() {
  const auto since_boot = std::chrono::steady_clock::now().time_since_epoch();
  return MonotonicTime(std::chrono::duration_cast<Duration>(since_boot));
}

}  // namespace guardwatch
