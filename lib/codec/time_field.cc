#include "codec/time_field.h"

#include <chrono>
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

// The form that nearly every producer writes, 2026-11-22T09:41:07.123Z, at a fraction of the cost.
// Nullopt: not of that form, or not a time; ParseRfc3339 has the last word.
std::optional<EventTime> ParsePlainUtc(std::string_view text) {
  using namespace std::chrono;
  constexpr std::size_t kToSeconds = 19;
  constexpr std::size_t kLongest = kToSeconds + 8;  // A point, six digits, Z.
  if (text.size() <= kToSeconds || text.size() > kLongest || text.back() != 'Z') {
    return std::nullopt;
  }
  bool digits = true;
  const auto number = [&](std::size_t at, std::size_t count) {
    unsigned value = 0;
    for (std::size_t i = at; i < at + count; ++i) {
      const unsigned digit = static_cast<unsigned char>(text[i]) - unsigned{'0'};
      digits &= digit <= 9;
      value = value * 10 + digit;
    }
    return value;
  };
  const year_month_day date{year(static_cast<int>(number(0, 4))), month(number(5, 2)),
                            day(number(8, 2))};
  const unsigned hour = number(11, 2);
  const unsigned minute = number(14, 2);
  const unsigned second = number(17, 2);
  const bool marks = text[4] == '-' && text[7] == '-' && text[10] == 'T' && text[13] == ':' &&
                     text[16] == ':' && (text[kToSeconds] == '.' || text.size() == kToSeconds + 1);
  unsigned micros = 0;
  if (text.size() > kToSeconds + 1) {
    const std::size_t places = text.size() - kToSeconds - 2;
    if (places == 0) return std::nullopt;
    micros = number(kToSeconds + 1, places);
    for (std::size_t i = places; i < 6; ++i) micros *= 10;
  }
  if (!marks || !digits || hour > 23 || minute > 59 || second > 59 || !date.ok()) {
    return std::nullopt;
  }
  const std::int64_t days = sys_days{date}.time_since_epoch().count();
  const std::int64_t seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
  return EventTimeFromMicros(seconds * 1'000'000 + micros);
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
  std::optional<EventTime> time = ParsePlainUtc(value.text);
  if (!time) time = ParseRfc3339(value.text);
  return time ? InRange(Micros(*time)) : std::nullopt;
}

std::optional<EventTime> ParseTimeNumber(const JsonValue& value) {
  if (!IsInteger(value.text)) return FromDouble(value.number);
  const std::optional<Int128> integer = ParseInteger(value.text);
  return integer ? FromInteger(*integer) : std::nullopt;
}

}  // namespace guardwatch
