#pragma once

#include "base/json_writer.h"
#include "window/aggregate.h"
#include "window/series.h"

namespace guardwatch {

// "confusion_matrix" of a whole top label: what was predicted against what labels say, rows by true
// class, columns by predicted class, and what follows from it. Nothing for any other series.
void WriteClassMatrix(JsonWriter& json, const SeriesKey& key, const Aggregate& total);

}  // namespace guardwatch
