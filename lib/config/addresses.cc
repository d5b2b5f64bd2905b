#include <algorithm>
#include <charconv>

#include "config/sections.h"

// Addresses of other programs and of our own web server, as far as their form can be wrong.

namespace guardwatch {
namespace {

bool HasBlank(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7F; });
}

bool IsPort(std::string_view text) {
  unsigned port = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  return error == std::errc() && stop == end && port <= 65535;
}

// host, host:port, [v6] or [v6]:port.
bool IsAuthority(std::string_view text, bool port_needed) {
  std::string_view host = text;
  std::optional<std::string_view> port;
  const std::size_t bracket = text.starts_with('[') ? text.find(']') : 0;
  if (bracket == text.npos) return false;
  const std::size_t colon = text.find(':', bracket);
  if (colon != text.npos) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  if (host.empty() || host == "[]" || HasBlank(host) || host.find_first_of("/@,") != host.npos) {
    return false;
  }
  if (text.starts_with('[') && host.back() != ']') return false;
  return port ? IsPort(*port) : !port_needed;
}

}  // namespace

std::optional<std::string> ReadHostAndPort(const YamlValue& value) {
  const auto text = value.Text();
  if (!text) return std::nullopt;
  if (IsAuthority(*text, true)) return text;
  value.FailExpected("HOST:PORT", "as in localhost:9092 or [::1]:9092");
  return std::nullopt;
}

std::optional<std::string> ReadUrl(const YamlValue& value) {
  const auto text = value.Text();
  if (!text) return std::nullopt;
  std::string_view rest = *text;
  const bool http = rest.starts_with("http://");
  if (!http && !rest.starts_with("https://")) {
    value.FailExpected("an http:// or https:// URL");
    return std::nullopt;
  }
  rest.remove_prefix(http ? 7 : 8);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  if (authority.find('@') != authority.npos) {
    value.Fail("a URL must not hold credentials", "use basic_auth with a password_file");
    return std::nullopt;
  }
  if (!IsAuthority(authority, false) || HasBlank(rest)) {
    value.FailExpected("a URL of the form http://HOST:PORT/PATH");
    return std::nullopt;
  }
  std::string url = *text;
  while (url.ends_with('/')) url.pop_back();
  return url;
}

}  // namespace guardwatch
