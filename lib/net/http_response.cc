#include "net/http_response.h"

#include <array>
#include <cstddef>
#include <ctime>
#include <string_view>

#include "net/gzip.h"

namespace guardwatch {
namespace {

constexpr std::size_t kCompressAbove = 1024;

std::string_view Reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 413:
      return "Content Too Large";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Status";
  }
}

std::string HttpDate(WallTime time) {
  const std::time_t seconds = FloorDivide(Micros(time), 1'000'000);
  std::tm fields{};
  gmtime_r(&seconds, &fields);
  std::array<char, 40> text{};
  std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &fields);
  return text.data();
}

void AppendHeader(std::string& head, std::string_view name, std::string_view value) {
  // A line break would let whoever chose the value write headers of their own.
  if (value.find_first_of("\r\n") != std::string_view::npos) return;
  head.append(name).append(": ").append(value).append("\r\n");
}

std::shared_ptr<const std::string> TakeBody(HttpResponse& response) {
  if (auto* text = std::get_if<std::string>(&response.body)) {
    return std::make_shared<const std::string>(std::move(*text));
  }
  auto shared = std::get<std::shared_ptr<const std::string>>(response.body);
  return shared ? shared : std::make_shared<const std::string>();
}

// If-None-Match holds a list of tags or a star; a weak tag is as good as a strong one here.
bool ClientHas(const HttpRequest& request, const HttpResponse& response) {
  const auto tag = FindHeader(response.headers, "ETag");
  const auto known = request.Header("If-None-Match");
  if (!tag || tag->empty() || !known || response.status != 200) return false;
  return *known == "*" || known->find(*tag) != std::string_view::npos;
}

}  // namespace

EncodedResponse EncodeResponse(const HttpRequest& request, HttpResponse response, bool keep_alive,
                               WallTime now) {
  std::shared_ptr<const std::string> body = TakeBody(response);
  if (ClientHas(request, response)) response.status = 304;
  const bool bodiless = response.status == 204 || response.status == 304;

  std::string head = "HTTP/1.1 " + std::to_string(response.status);
  head.append(" ").append(Reason(response.status)).append("\r\n");
  for (const auto& [name, value] : response.headers) AppendHeader(head, name, value);
  AppendHeader(head, "Date", HttpDate(now));
  AppendHeader(head, "X-Content-Type-Options", "nosniff");
  AppendHeader(head, "X-Frame-Options", "DENY");
  AppendHeader(head, "Referrer-Policy", "no-referrer");
  AppendHeader(head, "Connection", keep_alive ? "keep-alive" : "close");
  if (!bodiless) {
    AppendHeader(head, "Content-Type", response.content_type);
    if (body->size() > kCompressAbove && !FindHeader(response.headers, "Content-Encoding")) {
      AppendHeader(head, "Vary", "Accept-Encoding");
      if (request.accepts_gzip) {
        if (auto compressed = Gzip(*body)) {
          body = std::make_shared<const std::string>(std::move(*compressed));
          AppendHeader(head, "Content-Encoding", "gzip");
        }
      }
    }
    AppendHeader(head, "Content-Length", std::to_string(body->size()));
  }
  head += "\r\n";
  if (bodiless || request.method == "HEAD") body = nullptr;
  return {std::move(head), std::move(body)};
}

}  // namespace guardwatch
