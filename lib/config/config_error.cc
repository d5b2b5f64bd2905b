#include "config/config_error.h"

#include <algorithm>
#include <string_view>

namespace guardwatch {
namespace {

// The margin of the excerpt: line numbers up to 9999 stand in one column.
constexpr std::size_t kMargin = 5;

// Blanks as wide as `text` is on a terminal: tabs stay tabs, a UTF-8 sequence takes one column.
std::string Blank(std::string_view text) {
  std::string blank;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xC0) == 0x80) continue;
    blank.push_back(c == '\t' ? '\t' : ' ');
  }
  return blank;
}

std::string Excerpt(const ConfigError& error) {
  const std::string number = std::to_string(error.line);
  const std::string_view line = error.excerpt;
  const auto start = std::min(static_cast<std::size_t>(std::max(error.column, 1) - 1), line.size());
  const auto marked = Blank(line.substr(start, static_cast<std::size_t>(std::max(error.width, 1))));
  std::string text = "\n";
  text.append(kMargin - std::min(kMargin, number.size()), ' ').append(number);
  text.append(" | ").append(line).append("\n");
  text.append(std::max(kMargin, number.size()), ' ').append(" | ");
  text.append(Blank(line.substr(0, start))).append("^");
  if (marked.size() > 1) text.append(marked.size() - 1, '~');
  return text;
}

}  // namespace

std::string Format(const ConfigError& error) {
  std::string text = error.file;
  if (error.line > 0) {
    text.append(":").append(std::to_string(error.line));
    text.append(":").append(std::to_string(error.column));
  }
  text += ": error: " + error.message;
  if (!error.hint.empty()) text += " (" + error.hint + ")";
  if (error.line > 0 && !error.excerpt.empty()) text += Excerpt(error);
  return text;
}

std::string Format(std::span<const ConfigError> errors) {
  std::string text;
  for (const ConfigError& error : errors) text += Format(error) + "\n";
  return text;
}

}  // namespace guardwatch
