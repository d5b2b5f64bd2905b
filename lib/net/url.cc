#include "net/url.h"

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace guardwatch {
namespace {

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

std::optional<std::uint16_t> ParsePort(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

bool IsHostCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_';
}

bool IsAddressCharacter(char c) { return IsHostCharacter(c) || c == ':' || c == '%'; }

// Blanks and control characters would end the request line early.
bool IsTargetCharacter(char c) { return static_cast<unsigned char>(c) > ' ' && c != '\x7f'; }

bool ConsumePrefix(std::string_view& text, std::string_view prefix) {
  if (text.size() < prefix.size()) return false;
  for (std::size_t i = 0; i < prefix.size(); ++i) {
    const char lower = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
    if (lower != prefix[i]) return false;
  }
  text.remove_prefix(prefix.size());
  return true;
}

std::optional<unsigned> HexDigit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

}  // namespace

std::string HostPort::ToString() const {
  std::string text = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return text.append(":").append(std::to_string(port));
}

Result<HostPort> ParseHostPort(std::string_view text, std::optional<std::uint16_t> default_port) {
  const auto refuse = [&](std::string_view why) {
    return Fail(std::string("'").append(text).append("': ").append(why));
  };
  HostPort result;
  std::string_view rest = text;
  if (rest.starts_with('[')) {
    const std::size_t close = rest.find(']');
    if (close == std::string_view::npos) return refuse("']' is missing");
    result.host = rest.substr(1, close - 1);
    rest.remove_prefix(close + 1);
    if (result.host.find(':') == std::string::npos ||
        !std::all_of(result.host.begin(), result.host.end(), IsAddressCharacter)) {
      return refuse("not an IPv6 address");
    }
  } else {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    result.host = rest.substr(0, colon);
    rest.remove_prefix(colon);
    if (!std::all_of(result.host.begin(), result.host.end(), IsHostCharacter)) {
      return refuse("not a host name");
    }
  }
  if (result.host.empty()) return refuse("the host is missing");
  if (rest.empty()) {
    if (!default_port) return refuse("the port is missing");
    result.port = *default_port;
    return result;
  }
  const auto port = rest.starts_with(':') ? ParsePort(rest.substr(1)) : std::nullopt;
  if (!port) return refuse("expected a port of 0 to 65535 after the host");
  result.port = *port;
  return result;
}

std::string Url::Target() const { return query.empty() ? path : path + "?" + query; }

std::string Url::HostHeader() const {
  const std::string full = endpoint.ToString();
  if (endpoint.port != (tls ? kHttpsPort : kHttpPort)) return full;
  return full.substr(0, full.rfind(':'));
}

std::string Url::ToString() const { return (tls ? "https://" : "http://") + HostHeader() + path; }

Result<Url> ParseUrl(std::string_view text) {
  Url url;
  std::string_view rest = text;
  if (ConsumePrefix(rest, "https://")) {
    url.tls = true;
  } else if (!ConsumePrefix(rest, "http://")) {
    return Fail("expected a URL that starts with http:// or https://");
  }
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  rest.remove_prefix(authority.size());
  if (authority.find('@') != std::string_view::npos) {
    return Fail("a URL must not hold a user name or password");
  }
  auto endpoint = ParseHostPort(authority, url.tls ? kHttpsPort : kHttpPort);
  if (!endpoint) return tl::unexpected(endpoint.error());
  url.endpoint = std::move(*endpoint);

  rest = rest.substr(0, rest.find('#'));
  if (!std::all_of(rest.begin(), rest.end(), IsTargetCharacter)) {
    return Fail("a URL must not hold blanks or control characters");
  }
  const std::size_t question = std::min(rest.find('?'), rest.size());
  if (question > 0) url.path = rest.substr(0, question);
  if (question < rest.size()) url.query = rest.substr(question + 1);
  return url;
}

std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_blank) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_blank) {
      decoded += ' ';
    } else if (text[i] != '%') {
      decoded += text[i];
    } else {
      if (text.size() - i < 3) return std::nullopt;
      const auto high = HexDigit(text[i + 1]);
      const auto low = HexDigit(text[i + 2]);
      if (!high || !low) return std::nullopt;
      decoded += static_cast<char>(*high << 4 | *low);
      i += 2;
    }
  }
  return decoded;
}

std::optional<QueryParameters> ParseQuery(std::string_view query) {
  QueryParameters parameters;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto name = PercentDecode(pair.substr(0, equals), true);
    auto value = PercentDecode(pair.substr(std::min(pair.size(), equals + 1)), true);
    if (!name || !value) return std::nullopt;
    parameters.emplace_back(std::move(*name), std::move(*value));
  }
  return parameters;
}

}  // namespace guardwatch
