#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace guardwatch {

struct HostPort {
  std::string host;  // A name or an address; IPv6 without its brackets.
  std::uint16_t port = 0;

  std::string ToString() const;  // host:port, IPv6 in brackets.
  friend bool operator==(const HostPort&, const HostPort&) = default;
};

// Reads `127.0.0.1:9464`, `[::1]:9464`, `example.org:80`. Without a port it is `default_port`;
// without both it is an error.
Result<HostPort> ParseHostPort(std::string_view text,
                               std::optional<std::uint16_t> default_port = std::nullopt);

// An absolute http or https URL. A fragment is dropped; a user name or password is refused, because
// URLs end up in logs.
struct Url {
  bool tls = false;
  HostPort endpoint;
  std::string path = "/";  // As written, not decoded; never empty.
  std::string query;       // As written, without the question mark.

  std::string Target() const;      // What goes into the request line.
  std::string HostHeader() const;  // Without the port if it is the scheme's own.
  std::string ToString() const;    // Without the query, which may hold secrets.
};

Result<Url> ParseUrl(std::string_view text);

// Nullopt for a broken escape. With `plus_is_blank`, as in queries, `+` becomes a blank.
std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_blank);

using QueryParameters = std::vector<std::pair<std::string, std::string>>;

// Splits `a=1&b=x%20y` into decoded pairs, in order. Nullopt for a broken escape.
std::optional<QueryParameters> ParseQuery(std::string_view query);

}  // namespace guardwatch
