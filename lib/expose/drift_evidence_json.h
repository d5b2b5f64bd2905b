#pragma once

#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "monitor/snapshot.h"

namespace guardwatch {

// The evidence behind one alert, by its id: an array, empty for alerts of rules. Numbers read back
// to the bit.
void WriteDriftEvidence(JsonWriter& json, const std::vector<DriftEvidence>& evidence,
                        std::string_view alert);

}  // namespace guardwatch
