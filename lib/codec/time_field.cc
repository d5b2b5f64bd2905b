#include "codec/time_field.h"

#include <cmath>
#include <string_view>

#include "base/int128.h"
#include "base/rfc3339.h"

namespace guardwatch {
namespace {

constexpr std::int64_t kEarliest = -62'135'596'800'000'000;  // 0001-01-01T00:00:00Z
constexpr std::int64_t kLatest = 253'402'300'799'999'999;    // 9999-12-31T23:59:59.999999Z
constexpr std::size_t kMaxDigits = 22;                       // More are later than kLatest in ns.

constexpr std::int64_t kSecondsBelow = 100'000'000'000;
constexpr std::int64_t kMillisBelow = 100'000'000'000'000;
constexpr std::int64_t kMicrosBelow = 100'000'000'000'000'000;

std::optional<EventTime> InRange(Int128 micros) {
  if (micros < kEarliest || micros > kLatest) return std::nullopt;
  return EventTimeFromMicros(static_cast<std::int64_t>(micros));
}

bool IsInteger(std::string_view token) {
  return token.find_first_of(".eE") == std::string_view::npos;
}

// Nullopt if there are too many digits for any time.
std::optional<Int128> ParseInteger(std::string_view token) {
  const bool negative = token.front() == '-';
  if (negative) token.remove_prefix(1);
  if (token.size() > kMaxDigits) return std::nullopt;
  Int128 value = 0;
  for (const char digit : token) value = value * 10 + (digit - '0');
  return negative ? -value : value;
}

// Integers are exact; finer digits than microseconds are cut off, as they are in text.
std::optional<EventTime> FromInteger(Int128 value) {
  const Int128 magnitude = value < 0 ? -value : value;
  if (magnitude < kSecondsBelow) return InRange(value * 1'000'000);
  if (magnitude < kMillisBelow) return InRange(value * 1'000);
  if (magnitude < kMicrosBelow) return InRange(value);
  return InRange(value / 1'000 - (value % 1'000 < 0 ? 1 : 0));
}

// Fractional numbers are what a double makes of them, to the nearest microsecond.
std::optional<EventTime> FromDouble(double value) {
  const double magnitude = std::fabs(value);
  double micros = value;
  if (magnitude < double{kSecondsBelow}) {
    micros = value * 1e6;
  } else if (magnitude < double{kMillisBelow}) {
    micros = value * 1e3;
  } else if (magnitude >= double{kMicrosBelow}) {
    micros = value / 1e3;
  }
  micros = std::nearbyint(micros);
  if (std::fabs(micros) > static_cast<double>(kLatest)) return std::nullopt;
  return InRange(static_cast<std::int64_t>(micros));
}

}  // namespace

std::optional<EventTime> ParseTimeText(const JsonValue& value) {
  const std::optional<EventTime> time = ParseRfc3339(value.text);
  return time ? InRange(Micros(*time)) : std::nullopt;
}

std::optional<EventTime> ParseTimeNumber(const JsonValue& value) {
  if (!IsInteger(value.text)) return FromDouble(value.number);
  const std::optional<Int128> integer = ParseInteger(value.text);
  return integer ? FromInteger(*integer) : std::nullopt;
}

}  // namespace guardwatch
