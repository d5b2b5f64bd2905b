#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "base/time.h"
#include "codec/json_fields.h"

namespace guardwatch {

// Reads the time in a string (RFC 3339) or in a number, whose magnitude tells its unit: below 1e11
// seconds, below 1e14 milliseconds, below 1e17 microseconds, else nanoseconds. Nullopt if it cannot
// be read or is outside the years 0001 to 9999. Remembers the last minute, since most events are of
// the same one as the event before; what it answers does not depend on that.
class TimeReader {
 public:
  std::optional<EventTime> ReadText(const JsonValue& value);
  static std::optional<EventTime> ReadNumber(const JsonValue& value);

 private:
  std::optional<EventTime> ReadAnyText(std::string_view text);

  std::array<char, 16> minute_{};          // 2026-11-22T09:41
  std::optional<EventTime> minute_begin_;  // Nullopt: none yet.
};

}  // namespace guardwatch
