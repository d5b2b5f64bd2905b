// Times and durations as people and producers write them: what is read back from what we write is
// the same, and what is accepted agrees with the C library's calendar.

#include <cctype>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/duration.h"
#include "base/rfc3339.h"
#include "codec/time_field.h"

namespace guardwatch {
namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kEarliest = -62'135'596'800'000'000;  // 0001-01-01T00:00:00Z
constexpr std::int64_t kLatest = 253'402'300'799'999'999;    // 9999-12-31T23:59:59.999999Z
constexpr std::int64_t kCentury = 36'600LL * 86'400 * kMicrosPerSecond;

std::optional<EventTime> TimeOfNumber(const std::string& token) {
  JsonValue value;
  value.type = JsonValue::Type::kNumber;
  value.text = token;
  value.number = std::strtod(token.c_str(), nullptr);
  return TimeReader::ReadNumber(value);
}

// The whole second, by the C library. `text` is known to be RFC 3339.
std::int64_t SecondByCalendar(const std::string& text) {
  std::tm date{};
  std::sscanf(text.c_str(), "%4d-%2d-%2d%*c%2d:%2d:%2d", &date.tm_year, &date.tm_mon, &date.tm_mday,
              &date.tm_hour, &date.tm_min, &date.tm_sec);
  date.tm_year -= 1900;
  date.tm_mon -= 1;
  int hours = 0;
  int minutes = 0;
  const std::size_t sign = text.find_first_of("+-", std::strlen("2026-11-22T10:05:00"));
  if (sign != std::string::npos) std::sscanf(text.c_str() + sign + 1, "%2d:%2d", &hours, &minutes);
  const std::int64_t offset = (std::int64_t{hours} * 60 + minutes) * 60;
  const bool west = sign != std::string::npos && text[sign] == '-';
  return timegm(&date) + (west ? offset : -offset);
}

void CheckWrittenTime(EventTime time) {
  const std::optional<EventTime> read = ParseRfc3339(FormatRfc3339(time));
  GUARDWATCH_CHECK(read == time);
}

// One instant, in each unit whose numbers are large enough to be told apart.
void CheckNumberForms(std::int64_t micros) {
  const auto reads = [&](std::int64_t number, std::int64_t as) {
    GUARDWATCH_CHECK(TimeOfNumber(std::to_string(number)) == EventTimeFromMicros(as));
  };
  const std::int64_t second = FloorDivide(micros, kMicrosPerSecond);
  const std::int64_t millisecond = FloorDivide(micros, 1000);
  const std::uint64_t magnitude = static_cast<std::uint64_t>(micros < 0 ? -micros : micros);
  if (std::llabs(second) < 100'000'000'000) reads(second, second * kMicrosPerSecond);
  if (std::llabs(millisecond) >= 100'000'000'000 && std::llabs(millisecond) < 100'000'000'000'000) {
    reads(millisecond, millisecond * 1000);
  }
  if (magnitude >= 100'000'000'000'000 && magnitude < 100'000'000'000'000'000)
    reads(micros, micros);
  if (magnitude >= 100'000'000'000'000) {
    // Nanoseconds, whatever the digits that are cut off.
    const std::string nanoseconds = std::to_string(micros);
    GUARDWATCH_CHECK(TimeOfNumber(nanoseconds + "000") == EventTimeFromMicros(micros));
  }
}

void RunText(const std::string& text) {
  const std::optional<EventTime> time = ParseRfc3339(text);
  JsonValue value;
  value.type = JsonValue::Type::kString;
  value.text = text;
  TimeReader reader;
  const std::optional<EventTime> field = reader.ReadText(value);
  // What it remembers makes no difference, of this text and of the last second of its minute.
  GUARDWATCH_CHECK(reader.ReadText(value) == field);
  std::string other = text;
  if (other.size() >= 24) other.replace(16, 8, ":59.999Z");
  value.text = other;
  GUARDWATCH_CHECK(reader.ReadText(value) == TimeReader().ReadText(value));
  if (!time) {
    GUARDWATCH_CHECK(!field);
    return;
  }
  GUARDWATCH_CHECK(FloorDivide(Micros(*time), kMicrosPerSecond) == SecondByCalendar(text));
  CheckWrittenTime(*time);
  const bool in_range = Micros(*time) >= kEarliest && Micros(*time) <= kLatest;
  GUARDWATCH_CHECK(field == (in_range ? time : std::nullopt));
  if (field) CheckNumberForms(Micros(*field));
}

// -?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?, which is all that the JSON reader lets through.
bool IsJsonNumber(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t begin = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at - begin;
  };
  const auto accept = [&](std::string_view any) {
    const bool found = at < text.size() && any.find(text[at]) != std::string_view::npos;
    at += found ? 1 : 0;
    return found;
  };
  accept("-");
  const std::size_t whole = at;
  if (digits() == 0 || (text[whole] == '0' && at - whole > 1)) return false;
  if (accept(".") && digits() == 0) return false;
  if (accept("eE")) {
    accept("+-");
    if (digits() == 0) return false;
  }
  return at == text.size();
}

void RunNumber(const std::string& text) {
  if (!IsJsonNumber(text)) return;
  const std::optional<EventTime> time = TimeOfNumber(text);
  if (!time) return;
  GUARDWATCH_CHECK(Micros(*time) >= kEarliest && Micros(*time) <= kLatest);
  CheckWrittenTime(*time);
  CheckNumberForms(Micros(*time));
}

void RunDuration(std::string_view text) {
  const std::optional<Duration> duration = ParseDuration(text);
  if (!duration) return;
  GUARDWATCH_CHECK(duration->count() >= 0 && duration->count() <= kCentury);
  GUARDWATCH_CHECK(ParseDuration(FormatDuration(*duration)) == duration);
  const std::string twice = std::string(text) + FormatDuration(*duration);
  const std::optional<Duration> doubled = ParseDuration(twice);
  if (2 * duration->count() <= kCentury) GUARDWATCH_CHECK(doubled == 2 * *duration);
}

// Eight bytes as a time or duration that we write.
void RunValue(std::string_view input) {
  std::int64_t micros = 0;
  if (input.size() != sizeof(micros)) return;
  std::memcpy(&micros, input.data(), sizeof(micros));
  if (micros >= kEarliest && micros <= kLatest) CheckWrittenTime(EventTimeFromMicros(micros));
  if (micros >= 0 && micros <= kCentury) {
    GUARDWATCH_CHECK(ParseDuration(FormatDuration(Duration(micros))) == Duration(micros));
  }
}

}  // namespace
}  // namespace guardwatch

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  guardwatch::RunText(text);
  guardwatch::RunNumber(text);
  guardwatch::RunDuration(text);
  guardwatch::RunValue(text);
  return 0;
}
