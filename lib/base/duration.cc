#include "base/duration.h"

#include <array>
#include <utility>

namespace guardwatch {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::array<std::pair<std::string_view, std::int64_t>, 7> kUnits{
    {{"us", 1},
     {"ms", 1000},
     {"s", kSecond},
     {"m", 60 * kSecond},
     {"h", 3600 * kSecond},
     {"d", 86'400 * kSecond},
     {"w", 604'800 * kSecond}}};
constexpr std::int64_t kLongest = 36'600LL * 86'400 * kSecond;  // A century.

}  // namespace

std::optional<Duration> ParseDuration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0;
  while (!text.empty()) {
    std::int64_t number = 0;
    std::size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
      number = number * 10 + (text[digits++] - '0');
      if (number > kLongest) return std::nullopt;
    }
    text.remove_prefix(digits);
    std::size_t letters = 0;
    while (letters < text.size() && (text[letters] < '0' || text[letters] > '9')) ++letters;
    const std::string_view unit = text.substr(0, letters);
    text.remove_prefix(letters);
    std::int64_t scale = 0;
    for (const auto& [name, micros] : kUnits) {
      if (name == unit) scale = micros;
    }
    if (digits == 0 || scale == 0 || number > kLongest / scale) return std::nullopt;
    total += number * scale;
    if (total > kLongest) return std::nullopt;
  }
  return Duration(total);
}

std::string FormatDuration(Duration duration) {
  std::int64_t rest = duration.count();
  if (rest == 0) return "0s";
  std::string text;
  if (rest < 0) {
    text = "-";
    rest = -rest;
  }
  for (const std::size_t unit : {4u, 3u, 2u, 1u, 0u}) {
    const auto& [name, micros] = kUnits[unit];
    if (rest / micros == 0) continue;
    text += std::to_string(rest / micros) + std::string(name);
    rest %= micros;
  }
  return text;
}

}  // namespace guardwatch
