#pragma once

#include <optional>

#include "base/time.h"
#include "codec/json_fields.h"

namespace guardwatch {

// The time in a string (RFC 3339) or in a number, whose magnitude tells its unit: below 1e11
// seconds, below 1e14 milliseconds, below 1e17 microseconds, else nanoseconds. Nullopt if it cannot
// be read or is outside the years 0001 to 9999.
std::optional<EventTime> ParseTimeText(const JsonValue& value);
std::optional<EventTime> ParseTimeNumber(const JsonValue& value);

}  // namespace guardwatch
