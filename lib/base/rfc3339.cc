#include "base/rfc3339.h"

#include <array>
#include <cstdio>

namespace guardwatch {
namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kFirstSecond = -62'167'219'200;  // 0000-01-01T00:00:00Z
constexpr std::int64_t kLastSecond = 253'402'300'799;   // 9999-12-31T23:59:59Z

// Consumes characters from the front; `ok` turns false at the first that does not fit.
struct Cursor {
  std::string_view rest;
  bool ok = true;

  char Next() {
    if (rest.empty()) {
      ok = false;
      return '\0';
    }
    const char c = rest.front();
    rest.remove_prefix(1);
    return c;
  }
  void Expect(char expected) { ok = Next() == expected && ok; }
  int Number(int digits) {
    int value = 0;
    for (int i = 0; i < digits; ++i) {
      const char c = Next();
      if (c < '0' || c > '9') ok = false;
      value = value * 10 + (c - '0');
    }
    return ok ? value : 0;
  }
};

std::int64_t ParseFraction(Cursor& in) {
  std::int64_t micros = 0;
  int digits = 0;
  while (!in.rest.empty() && in.rest.front() >= '0' && in.rest.front() <= '9') {
    if (digits < 6) micros = micros * 10 + (in.rest.front() - '0');
    ++digits;
    in.rest.remove_prefix(1);
  }
  if (digits == 0) in.ok = false;
  for (; digits < 6; ++digits) micros *= 10;
  return micros;
}

std::int64_t ParseOffsetMinutes(Cursor& in) {
  const char sign = in.Next();
  if (sign == 'Z' || sign == 'z') return 0;
  if (sign != '+' && sign != '-') in.ok = false;
  const int hours = in.Number(2);
  in.Expect(':');
  const int minutes = in.Number(2);
  if (hours > 23 || minutes > 59) in.ok = false;
  const std::int64_t offset = std::int64_t{hours} * 60 + minutes;
  return sign == '-' ? -offset : offset;
}

template <class Time>
std::string Format(Time time) {
  using namespace std::chrono;
  const std::int64_t micros = time.time_since_epoch().count();
  const std::int64_t seconds = FloorDivide(micros, kMicrosPerSecond);
  const std::int64_t fraction = micros - seconds * kMicrosPerSecond;
  const std::int64_t day_number = FloorDivide(seconds, 86'400);
  const std::int64_t of_day = seconds - day_number * 86'400;
  const year_month_day date{sys_days{days{day_number}}};
  std::array<char, 64> out{};
  int size = std::snprintf(out.data(), out.size(), "%04d-%02u-%02uT%02d:%02d:%02d",
                           int(date.year()), unsigned(date.month()), unsigned(date.day()),
                           int(of_day / 3600), int(of_day / 60 % 60), int(of_day % 60));
  std::string text(out.data(), static_cast<std::size_t>(size));
  if (fraction != 0) {
    const bool millis = fraction % 1000 == 0;
    size = std::snprintf(out.data(), out.size(), millis ? ".%03d" : ".%06d",
                         int(millis ? fraction / 1000 : fraction));
    text.append(out.data(), static_cast<std::size_t>(size));
  }
  return text + "Z";
}

}  // namespace

std::optional<EventTime> ParseRfc3339(std::string_view text) {
  using namespace std::chrono;
  Cursor in{text};
  const int y = in.Number(4);
  in.Expect('-');
  const int m = in.Number(2);
  in.Expect('-');
  const int d = in.Number(2);
  const char separator = in.Next();
  if (separator != 'T' && separator != 't' && separator != ' ') in.ok = false;
  const int hour = in.Number(2);
  in.Expect(':');
  const int minute = in.Number(2);
  in.Expect(':');
  const int second = in.Number(2);
  std::int64_t fraction = 0;
  if (in.ok && !in.rest.empty() && in.rest.front() == '.') {
    in.Next();
    fraction = ParseFraction(in);
  }
  const std::int64_t offset = ParseOffsetMinutes(in);
  const year_month_day date{year{y}, month{static_cast<unsigned>(m)},
                            day{static_cast<unsigned>(d)}};
  if (!in.ok || !in.rest.empty() || !date.ok() || hour > 23 || minute > 59 || second > 59) {
    return std::nullopt;
  }
  const std::int64_t days_since_epoch = sys_days{date}.time_since_epoch().count();
  const std::int64_t seconds =
      days_since_epoch * 86'400 + std::int64_t{hour} * 3600 + (minute - offset) * 60 + second;
  if (seconds < kFirstSecond || seconds > kLastSecond) return std::nullopt;
  return EventTimeFromMicros(seconds * kMicrosPerSecond + fraction);
}

std::string FormatRfc3339(EventTime time) { return Format(time); }
std::string FormatRfc3339(WallTime time) { return Format(time); }

}  // namespace guardwatch
