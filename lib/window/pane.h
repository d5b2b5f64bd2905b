#pragma once

#include <cstdint>

#include "base/time.h"

namespace guardwatch {

inline constexpr Duration kPaneWidth = std::chrono::seconds(10);

// The number of a pane: floor(time / 10 s). An edge belongs to the later pane.
using PaneIndex = std::int64_t;

constexpr PaneIndex PaneOf(EventTime t, Duration width = kPaneWidth) {
  return FloorDivide(Micros(t), width.count());
}
constexpr EventTime PaneStart(PaneIndex pane, Duration width = kPaneWidth) {
  return EventTimeFromMicros(pane * width.count());
}
constexpr EventTime PaneEnd(PaneIndex pane, Duration width = kPaneWidth) {
  return PaneStart(pane + 1, width);
}
// The end of the pane of `t`, for comparing with a watermark.
constexpr EventTime PaneEndOf(EventTime t) { return PaneEnd(PaneOf(t)); }

// The greatest multiple of `width` at or before `t`, and the least at or after it.
constexpr EventTime AlignDown(EventTime t, Duration width) {
  return PaneStart(PaneOf(t, width), width);
}
constexpr EventTime AlignUp(EventTime t, Duration width) {
  const EventTime down = AlignDown(t, width);
  return down == t ? t : down + width;
}

}  // namespace guardwatch
