#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace guardwatch {

// Reads an RFC 3339 timestamp: `T`, `t` or a blank between date and time, `Z`, `z` or a numeric
// offset at the end; digits of the second finer than a microsecond are cut off. Nullopt for
// anything else, among it a date alone, second 60, days that the month does not have, and instants
// that only their offset moves out of the years 0000 to 9999 of UTC, which could not be written.
std::optional<EventTime> ParseRfc3339(std::string_view text);

// UTC with as many digits of the second as the value needs (0, 3 or 6): 2026-11-22T10:05:00Z.
std::string FormatRfc3339(EventTime time);
std::string FormatRfc3339(WallTime time);

}  // namespace guardwatch
