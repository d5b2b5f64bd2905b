#include "codec/time_field.h"

#include <bit>
#include <chrono>
#include <cmath>
#include <cstring>
#include <string_view>

#include "base/int128.h"
#include "base/rfc3339.h"

namespace guardwatch {
namespace {

constexpr std::int64_t kEarliest = -62'135'596'800'000'000;  // 0001-01-01T00:00:00Z
constexpr std::int64_t kLatest = 253'402'300'799'999'999;    // 9999-12-31T23:59:59.999999Z
constexpr std::size_t kMaxDigits = 22;                       // More are later than kLatest in ns.

constexpr std::int64_t kMinute = 60'000'000;

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

// Eight characters that should be like `pattern`, with digits for its zeros: the value of each
// digit in a byte of its own, the first lowest. `bad` becomes other than zero if they are not.
std::uint64_t ReadPattern(const char* text, const char (&pattern)[9], std::uint64_t& bad) {
  constexpr std::uint64_t kHighest = 0x8080808080808080ULL;
  constexpr std::uint64_t kToTen =
      0x7676767676767676ULL;  // What is above nine reaches the highest bit.
  std::uint64_t word = 0;
  std::uint64_t expected = 0;
  std::memcpy(&word, text, sizeof(word));
  std::memcpy(&expected, pattern, sizeof(expected));
  word ^= expected;
  // Of marks, anything but themselves does.
  std::uint64_t marks = 0;
  for (int i = 0; i < 8; ++i) {
    if (pattern[i] != '0') marks |= std::uint64_t{9} << (8 * i);
  }
  bad |= ((word + kToTen + marks) | word) & kHighest;
  return word;
}

// The form that nearly every producer writes, 2026-11-22T09:41:07.123Z, at a fraction of the cost.
// Nullopt: not of that form, or not a time; ParseRfc3339 has the last word.
std::optional<EventTime> ParsePlainUtc(std::string_view text) {
  using namespace std::chrono;
  constexpr std::size_t kToMinutes = 16;  // Two words of eight.
  constexpr std::size_t kToSeconds = kToMinutes + 3;
  constexpr std::size_t kLongest = kToSeconds + 8;  // A point, six digits, Z.
  if constexpr (std::endian::native != std::endian::little) return std::nullopt;
  if (text.size() <= kToSeconds || text.size() > kLongest || text.back() != 'Z') {
    return std::nullopt;
  }
  std::uint64_t bad = 0;
  const std::uint64_t first = ReadPattern(text.data(), "0000-00-", bad);
  const std::uint64_t second_word = ReadPattern(text.data() + 8, "00T00:00", bad);
  const auto two = [](std::uint64_t word, int at) {
    return static_cast<unsigned>((word >> (8 * at) & 0xff) * 10 + (word >> (8 * at + 8) & 0xff));
  };
  const auto add_digit = [&](unsigned& value, std::size_t at) {
    const unsigned digit = static_cast<unsigned char>(text[at]) - unsigned{'0'};
    bad |= digit > 9 ? 1 : 0;
    value = value * 10 + digit;
  };
  unsigned second = 0;
  add_digit(second, kToMinutes + 1);
  add_digit(second, kToMinutes + 2);
  unsigned micros = 0;
  if (text.size() > kToSeconds + 1) {
    const std::size_t places = text.size() - kToSeconds - 2;
    if (text[kToSeconds] != '.' || places == 0) return std::nullopt;
    for (std::size_t i = 0; i < places; ++i) add_digit(micros, kToSeconds + 1 + i);
    for (std::size_t i = places; i < 6; ++i) micros *= 10;
  }
  const year_month_day date{year(static_cast<int>(two(first, 0) * 100 + two(first, 2))),
                            month(two(first, 5)), day(two(second_word, 0))};
  const unsigned hour = two(second_word, 3);
  const unsigned minute = two(second_word, 6);
  if (bad != 0 || text[kToMinutes] != ':' || hour > 23 || minute > 59 || second > 59 ||
      !date.ok()) {
    return std::nullopt;
  }
  const std::int64_t days = sys_days{date}.time_since_epoch().count();
  const std::int64_t seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
  return EventTimeFromMicros(seconds * 1'000'000 + micros);
}

// What follows the minute: `:07.123Z` or `:07.123456Z`.
std::optional<Duration> ReadSecond(std::string_view text) {
  const bool millis = text.size() == 8;
  if (!millis && text.size() != 11) return std::nullopt;
  std::uint64_t bad = 0;
  const std::uint64_t digits = millis ? ReadPattern(text.data(), ":00.000Z", bad)
                                      : ReadPattern(text.data(), ":00.0000", bad);
  // Two by two, marks as zeros: ten seconds; a second; ten milliseconds; what is smaller. The
  // second and the last pair are one digit too long for that, so they weigh a tenth.
  const std::uint64_t pairs = digits * 10 + (digits >> 8);
  constexpr std::uint64_t kPair = 0x000000ff000000ffULL;
  constexpr std::uint64_t kFirstAndThird = 10'000'000ULL << 32 | 10'000;
  constexpr std::uint64_t kSecondAndLast = 100'000ULL << 32 | 100;
  auto micros = static_cast<std::int64_t>(
      ((pairs & kPair) * kFirstAndThird + (pairs >> 16 & kPair) * kSecondAndLast) >> 32);
  if (!millis) {
    const auto ten = static_cast<unsigned char>(text[8] - '0');
    const auto one = static_cast<unsigned char>(text[9] - '0');
    if (ten > 9 || one > 9 || text[10] != 'Z') return std::nullopt;
    micros += std::int64_t{ten} * 10 + one;
  }
  if (bad != 0 || micros >= kMinute) return std::nullopt;
  return Duration(micros);
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

std::optional<EventTime> TimeReader::ReadText(const JsonValue& value) {
  const std::string_view text = value.text;
  if (minute_begin_ && text.size() > minute_.size() &&
      std::memcmp(text.data(), minute_.data(), minute_.size()) == 0) [[likely]] {
    const std::optional<Duration> second = ReadSecond(text.substr(minute_.size()));
    if (second) [[likely]]
      return *minute_begin_ + *second;
  }
  return ReadAnyText(text);
}

std::optional<EventTime> TimeReader::ReadAnyText(std::string_view text) {
  std::optional<EventTime> time = ParsePlainUtc(text);
  const bool plain = time.has_value();
  if (!plain) time = ParseRfc3339(text);
  if (time) time = InRange(Micros(*time));
  if (plain && time) {
    std::memcpy(minute_.data(), text.data(), minute_.size());
    minute_begin_ = EventTimeFromMicros(FloorDivide(Micros(*time), kMinute) * kMinute);
  }
  return time;
}

std::optional<EventTime> TimeReader::ReadNumber(const JsonValue& value) {
  if (!IsInteger(value.text)) return FromDouble(value.number);
  const std::optional<Int128> integer = ParseInteger(value.text);
  return integer ? FromInteger(*integer) : std::nullopt;
}

}  // namespace guardwatch
