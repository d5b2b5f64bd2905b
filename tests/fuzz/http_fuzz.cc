// Whatever a client asks for: URLs and queries read back as they are written, every request gets
// one answer of a known status, and no answer holds a line that we did not mean.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/check.h"
#include "base/rfc3339.h"
#include "config/yaml_document.h"
#include "expose/api_query.h"
#include "expose/http_routes.h"
#include "net/http_response.h"
#include "net/url.h"
#include "support/snapshot_builder.h"

namespace guardwatch {
namespace {

std::string PercentEncode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kHex[byte >> 4];
    encoded += kHex[byte & 15];
  }
  return encoded;
}

std::string Write(const QueryParameters& parameters) {
  std::string query;
  for (const auto& [name, value] : parameters) {
    query += (query.empty() ? "" : "&") + PercentEncode(name) + "=" + PercentEncode(value);
  }
  return query;
}

void CheckHostPort(std::string_view text) {
  const auto endpoint = ParseHostPort(text, 80);
  if (!endpoint) return;
  const auto again = ParseHostPort(endpoint->ToString());
  GUARDWATCH_CHECK(again && *again == *endpoint);
}

void CheckUrl(std::string_view text) {
  const auto url = ParseUrl(text);
  if (!url) return;
  const std::string target = url->Target();
  const std::string host = url->HostHeader();
  for (const char c : target + host) GUARDWATCH_CHECK(static_cast<unsigned char>(c) > ' ');
  GUARDWATCH_CHECK(target.starts_with('/'));
  const std::string scheme = url->tls ? "https://" : "http://";
  const auto again = ParseUrl(scheme + host + target);
  GUARDWATCH_CHECK(again && again->tls == url->tls && again->endpoint == url->endpoint);
  GUARDWATCH_CHECK(again->path == url->path && again->query == url->query);
}

// Of what was understood, not of what was sent: a time or a slice means the same when it is written
// the way we write it.
void CheckValue(const std::string& text) {
  GUARDWATCH_CHECK(PercentDecode(PercentEncode(text), true) == text);
  if (const auto time = ParseTime(text)) {
    GUARDWATCH_CHECK(ParseTime(FormatRfc3339(*time)) == time);
  }
  if (const auto slice = ParseSlice(text); slice && !slice->whole()) {
    GUARDWATCH_CHECK(ParseSlice(slice->dimension + "=" + slice->value) == slice);
  }
}

Snapshot SmallSnapshot() {
  const Aggregate total =
      AggregateBuilder().Scores(40, 0.2).Scores(9, 0.9).Labels(3, 0.9, true).Build();
  return SnapshotBuilder("2026-11-22T10:05:00Z")
      .Series(
          {{"gateway", "toxicity", "hate"}, "tox-v12", Variant::kLive, {}},
          {{std::chrono::minutes(5), WindowViewKind::kCurrent, At("2026-11-22T10:04:00Z"), total}})
      .Build();
}

HttpRoutes& Routes() {
  static const auto snapshot = std::make_shared<const Snapshot>(SmallSnapshot());
  static HttpRoutes routes(ApiBackend{
      .snapshot = [] { return snapshot; },
      .ask_windows = [](const WindowQuery&, const auto& answer) { answer({}); },
      .ask_history =
          [](const HistoryQuery& query, const auto& answer) {
            GUARDWATCH_CHECK(query.from < query.to && query.step >= Duration::zero());
            answer({});
          },
      .self = [] { return SelfMetrics(); },
      .config_json = [] { return std::string("{}"); },
      .reload = [](const auto& done) { done({}); },
  });
  return routes;
}

// The rest of `text` from the end of the first line on.
std::string_view TakeLine(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return line;
}

std::optional<HttpRequest> ReadRequest(std::string_view text) {
  HttpRequest request;
  std::string_view first = TakeLine(text);
  const std::size_t blank = std::min(first.find(' '), first.size());
  request.method = first.substr(0, blank);
  const std::string_view target = first.substr(std::min(first.size(), blank + 1));
  const std::size_t question = std::min(target.find('?'), target.size());
  auto path = PercentDecode(target.substr(0, question), false);
  auto query = ParseQuery(target.substr(std::min(target.size(), question + 1)));
  if (!path || !query) return std::nullopt;
  request.path = std::move(*path);
  request.query = std::move(*query);
  while (!text.empty()) {
    const std::string_view line = TakeLine(text);
    const std::size_t colon = line.find(": ");
    if (colon == std::string_view::npos) continue;
    request.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
  request.accepts_gzip = AcceptsGzip(request.Header("Accept-Encoding").value_or(""));
  return request;
}

HttpResponse Ask(const HttpRequest& request) {
  std::optional<HttpResponse> answer;
  Routes().Handle(request, [&](HttpResponse response) {
    GUARDWATCH_CHECK(!answer);
    answer = std::move(response);
  });
  GUARDWATCH_CHECK(answer);
  return *std::move(answer);
}

void CheckResponse(const HttpResponse& response) {
  static const std::set<int> kStatuses{200, 400, 403, 404, 405, 503};
  GUARDWATCH_CHECK(kStatuses.contains(response.status));
  if (response.content_type != "application/json") return;
  const YamlResult json = ParseYaml(std::get<std::string>(response.body));
  GUARDWATCH_CHECK(json.errors.empty() && json.root.kind == YamlNode::Kind::kMap);
}

void CheckEncoded(const EncodedResponse& encoded, const HttpRequest& request) {
  std::string_view head = encoded.head;
  GUARDWATCH_CHECK(head.starts_with("HTTP/1.1 ") && head.ends_with("\r\n\r\n"));
  std::set<std::string_view> names;
  std::optional<std::string_view> length;
  TakeLine(head);
  while (head != "\r\n") {
    const std::string_view line = TakeLine(head);
    const std::size_t colon = line.find(": ");
    GUARDWATCH_CHECK(colon != std::string_view::npos && line.ends_with('\r'));
    GUARDWATCH_CHECK(names.insert(line.substr(0, colon)).second);
    if (line.starts_with("Content-Length: ")) {
      length = line.substr(colon + 2, line.size() - colon - 3);
    }
  }
  GUARDWATCH_CHECK(names.contains("X-Content-Type-Options"));
  if (request.method == "HEAD") GUARDWATCH_CHECK(!encoded.body);
  if (encoded.body) GUARDWATCH_CHECK(length == std::to_string(encoded.body->size()));
}

void RunRequest(std::string_view input) {
  const std::optional<HttpRequest> request = ReadRequest(input);
  if (!request) return;
  const auto again = ParseQuery(Write(request->query));
  GUARDWATCH_CHECK(again && *again == request->query);
  for (const auto& [name, value] : request->query) CheckValue(value);
  const HttpResponse response = Ask(*request);
  CheckResponse(response);
  CheckEncoded(EncodeResponse(*request, response, true, WallTime{}), *request);
}

}  // namespace
}  // namespace guardwatch

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  guardwatch::CheckHostPort(input);
  guardwatch::CheckUrl(input);
  guardwatch::RunRequest(input);
  return 0;
}
