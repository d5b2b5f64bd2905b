#pragma once

#include <cstdint>

#include "window/pane.h"

namespace guardwatch {

// A baseline may have one rate per hour of the day or of the week, in UTC, for traffic with a daily
// or weekly rhythm. The slot of a pane is known before the pane, so the promise holds.
enum class SlotScheme : std::uint8_t { kConstant, kHourOfDay, kHourOfWeek };

constexpr int SlotCount(SlotScheme scheme) {
  return scheme == SlotScheme::kConstant ? 1 : scheme == SlotScheme::kHourOfDay ? 24 : 168;
}

// Counted from the epoch, which began on a Thursday.
constexpr int SlotOf(PaneIndex pane, Duration pane_width, SlotScheme scheme) {
  const std::int64_t hour =
      FloorDivide(Micros(PaneStart(pane, pane_width)), Duration(std::chrono::hours(1)).count());
  const std::int64_t slots = SlotCount(scheme);
  return static_cast<int>(hour - FloorDivide(hour, slots) * slots);
}

}  // namespace guardwatch
