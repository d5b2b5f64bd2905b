#pragma once

#include <optional>
#include <string>
#include <vector>

#include "monitor/snapshot.h"

// Questions about the past, answered from kept panes by the monitor's own thread.

namespace guardwatch {

// Which series a question is about. Empty strings and nullopt match anything.
struct SeriesFilter {
  std::string source;
  std::string guardrail;
  std::optional<std::string> category;
  std::optional<std::string> model_version;
  std::optional<Variant> variant;
  std::optional<Slice> slice;  // Slice{} (the whole) asks for wholes only.

  bool Matches(const SeriesKey& key) const;
};

struct WindowQuery {
  SeriesFilter series;
  std::optional<Duration> window;
  std::optional<WindowViewKind> view;
  std::optional<EventTime> at;  // Ends the windows at the last grid point at or before `at`.
};

struct HistoryQuery {
  SeriesFilter series;
  EventTime from{};
  EventTime to{};
  Duration step{};  // Rounded up to the pane grid that is kept.
};

struct HistoryPoint {
  EventTime start{};
  EventTime end{};
  Aggregate total;
};

struct SeriesHistory {
  SeriesKey key;
  std::vector<HistoryPoint> points;  // Only those with data.
};

struct SeriesWindow {
  SeriesKey key;
  WindowView window;
};

}  // namespace guardwatch
