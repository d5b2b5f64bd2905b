#include "loss_input.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <system_error>

namespace guardwatch {

std::optional<double> ParseNumber(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  if (at != end || error == std::errc::invalid_argument) return std::nullopt;
  // Too small or too great: the C library tells which, from_chars does not.
  if (error != std::errc{}) number = std::strtod(std::string(text).c_str(), nullptr);
  if (!std::isfinite(number)) return std::nullopt;
  return number;
}

std::optional<std::uint32_t> ParseLabel(std::string_view text) {
  if (text == "true" || text == "True") return 1;
  if (text == "false" || text == "False") return 0;
  const auto number = ParseNumber(text);  // Data frames often write whole numbers as 1.0.
  if (!number || *number < 0 || *number > std::numeric_limits<std::uint32_t>::max() ||
      *number != std::floor(*number)) {
    return std::nullopt;
  }
  return static_cast<std::uint32_t>(*number);
}

std::string Quoted(std::string_view text) {
  constexpr std::size_t kLongest = 40;
  if (text.size() > 1 && text.front() == '"' && text.back() == '"') {
    text = text.substr(1, text.size() - 2);
  }
  if (text.size() <= kLongest) return "\"" + std::string(text) + "\"";
  return "\"" + std::string(text.substr(0, kLongest)) + "...\"";
}

}  // namespace guardwatch
