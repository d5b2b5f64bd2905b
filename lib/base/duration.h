#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace guardwatch {

// Reads `90s`, `5m`, `1h30m`, `250ms`, `1d`: numbers with a unit (us, ms, s, m, h, d, w), largest
// first by convention but in any order. Nullopt for anything else, among it a bare number.
std::optional<Duration> ParseDuration(std::string_view text);

// The shortest text that ParseDuration reads back, for durations from 0 to a century: 5m, 24h,
// 1h30m, 90s is 1m30s. Days are written as hours, since that is how windows are named.
std::string FormatDuration(Duration duration);

}  // namespace guardwatch
