#pragma once

#include "base/json_writer.h"
#include "expose/json_api.h"
#include "monitor/snapshot.h"

namespace guardwatch {

// The keys `format`, `coarse_pane`, `slots` and `model_versions` of a file of baselines, into an
// open object: every number that it takes to go on from them, to the bit. Read by
// config/baseline_file.h.
void WriteBaselineSets(JsonWriter& json, const Snapshot& snapshot, const SeriesFilter& filter);

}  // namespace guardwatch
