#pragma once

#include <vector>

#include "base/json_writer.h"
#include "expose/window_context.h"
#include "window/statistics.h"

namespace guardwatch {

// A window held against its reference.
struct HeldAgainst {
  Aggregate reference;                 // On the grid of the window, without the window where it is
  bool without_this_window = false;    // a part of it.
  std::vector<StatisticValue> values;  // As ReferenceStatistics(); distances of an overlap missing.
};
HeldAgainst HoldAgainst(const WindowView& live, const RolledWindow& reference);

// "reference": what the window is held against, by name and period, and the statistics of that;
// null without one. A window that lies within its reference is taken out of it, exactly. Where the
// two overlap in part, distances have the reason `overlap`.
void WriteReference(JsonWriter& json, const WindowView& live, const RolledWindow* reference);

// "stratified_by": rates of the traffic by dimension of its cohorts; nothing without dimensions.
void WriteStratified(JsonWriter& json, const std::vector<CohortParts>& dimensions);

}  // namespace guardwatch
