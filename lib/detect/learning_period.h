#pragma once

#include <optional>
#include <string>

#include "base/rfc3339.h"
#include "base/time.h"
#include "window/pane.h"

namespace guardwatch {

// The configured time from which baselines are learned, [from, to); without one they are learned
// from the first pane on, for as long as the options say.
struct LearningPeriod {
  EventTime from{};
  EventTime to{};

  explicit operator bool() const { return from < to; }
  friend bool operator==(const LearningPeriod&, const LearningPeriod&) = default;

  bool Before(PaneIndex pane, Duration width) const { return PaneEnd(pane, width) <= from; }
  bool After(PaneIndex pane, Duration width) const { return PaneStart(pane, width) >= to; }
  std::string Text() const {
    return "the period from " + FormatRfc3339(from) + " to " + FormatRfc3339(to);
  }
};

}  // namespace guardwatch
