#pragma once

#include <string>
#include <vector>

#include "monitor/history.h"
#include "monitor/snapshot.h"

namespace guardwatch {

// A window where it stands: in a snapshot, or in the answer to a question.
struct WindowRef {
  const SeriesKey* key = nullptr;
  const WindowView* window = nullptr;
};

// Whether a window is one of those that the query is for; `at` is not looked at.
bool Asks(const WindowQuery& query, const WindowRef& ref);

// The windows of the snapshot that the query matches, by series; `at` is not looked at. Valid as
// long as the snapshot.
std::vector<WindowRef> SelectWindows(const Snapshot& snapshot, const WindowQuery& query);
std::vector<WindowRef> AllWindows(const std::vector<SeriesWindow>& windows);

// The windows of the single classes that belong to a top-label window; empty for any other.
std::vector<const Aggregate*> ClassesOf(const std::vector<WindowRef>& windows, WindowRef top);

// Windows summed over model versions: what a guardrail did, whichever model did it.
struct RolledWindow {
  UnitKey unit;
  Variant variant = Variant::kLive;
  Slice slice;
  std::vector<std::string> model_versions;  // Those with a series, in order.
  WindowView window;                        // `end` is the latest of the summed ones.
};

// Sorted by unit, variant, slice; within them shorter windows first, current before matured.
std::vector<RolledWindow> RollUp(const std::vector<WindowRef>& windows);

}  // namespace guardwatch
