#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "net/url.h"

namespace guardwatch {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// The first header of that name in any case; valid as long as `headers` is.
std::optional<std::string_view> FindHeader(const HttpHeaders& headers, std::string_view name);

// Whether an Accept-Encoding header allows gzip.
bool AcceptsGzip(std::string_view accept_encoding);

struct HttpRequest {
  std::string method{};     // As sent: GET, HEAD, POST, ...
  std::string path{};       // Decoded; starts with a slash.
  QueryParameters query{};  // Decoded, in order.
  HttpHeaders headers{};
  std::string body{};
  bool accepts_gzip = false;

  std::optional<std::string_view> Header(std::string_view name) const {
    return FindHeader(headers, name);
  }
  // The first query parameter of that name.
  std::optional<std::string_view> Parameter(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  // Shared bodies are for what many readers get, such as a rendered snapshot.
  std::variant<std::string, std::shared_ptr<const std::string>> body{};
  HttpHeaders headers{};  // A header with a line break in it is left out.
};

// Answers one request. To be called on the I/O thread, at once or later; further calls do nothing,
// and dropping it unused answers 500.
using Respond = std::function<void(HttpResponse)>;

using HttpHandler = std::function<void(const HttpRequest&, Respond)>;

}  // namespace guardwatch
