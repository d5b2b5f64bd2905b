#include "net/http.h"

#include <algorithm>

namespace guardwatch {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return Lower(x) == Lower(y); });
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// `0`, `0.0` and so on: the client wants anything but this coding.
bool IsZeroQuality(std::string_view parameters) {
  parameters = Trim(parameters);
  if (parameters.size() < 3 || Lower(parameters[0]) != 'q' || parameters[1] != '=') return false;
  return parameters.substr(2).find_first_not_of("0.") == std::string_view::npos;
}

}  // namespace

std::optional<std::string_view> FindHeader(const HttpHeaders& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (EqualIgnoringCase(key, name)) return value;
  }
  return std::nullopt;
}

bool AcceptsGzip(std::string_view accept_encoding) {
  while (!accept_encoding.empty()) {
    const std::string_view item = accept_encoding.substr(0, accept_encoding.find(','));
    accept_encoding.remove_prefix(std::min(accept_encoding.size(), item.size() + 1));
    const std::size_t semicolon = std::min(item.find(';'), item.size());
    if (!EqualIgnoringCase(Trim(item.substr(0, semicolon)), "gzip")) continue;
    return !IsZeroQuality(item.substr(std::min(item.size(), semicolon + 1)));
  }
  return false;
}

std::optional<std::string_view> HttpRequest::Parameter(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

}  // namespace guardwatch
