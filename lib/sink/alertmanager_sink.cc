#include "sink/alertmanager_sink.h"

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <utility>

#include "net/base64.h"
#include "net/clock.h"
#include "sink/alertmanager_body.h"

namespace guardwatch {
namespace {

constexpr std::size_t kExcerptLength = 200;

Result<std::string> ReadSecret(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string secret{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) return FailRetryable("cannot read the secret in '" + path + "'");
  while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) secret.pop_back();
  if (secret.empty()) return FailRetryable("the secret in '" + path + "' is empty");
  return secret;
}

// The start of a reply, on one line.
std::string Excerpt(const std::string& body) {
  std::string excerpt = body.substr(0, kExcerptLength);
  std::replace_if(
      excerpt.begin(), excerpt.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; },
      ' ');
  while (excerpt.ends_with(' ')) excerpt.pop_back();
  return excerpt;
}

Result<void> Judge(const std::string& url, const HttpReply& reply) {
  if (reply.status >= 200 && reply.status < 300) return {};
  std::string message = "POST " + url + ": HTTP " + std::to_string(reply.status);
  if (!reply.body.empty()) message += ": " + Excerpt(reply.body);
  const bool refused = reply.status == 400 || reply.status == 413 || reply.status == 422;
  return refused ? Fail(std::move(message)) : FailRetryable(std::move(message));
}

}  // namespace

AlertmanagerSink::AlertmanagerSink(IoLoop& loop, AlertmanagerOptions options, Url peer,
                                   WallClockReader now)
    : loop_(loop), options_(std::move(options)), now_(std::move(now)), client_(loop) {
  while (peer.path.ends_with('/')) peer.path.pop_back();
  name_ = "alertmanager " + peer.ToString();
  peer.path += "/api/v2/alerts";
  peer.query.clear();
  url_ = peer.ToString();
}

Result<HttpHeaders> AlertmanagerSink::Headers() const {
  HttpHeaders headers{{"Content-Type", "application/json"}};
  if (options_.basic_auth) {
    const auto password = ReadSecret(options_.basic_auth->password_file);
    if (!password) return tl::unexpected(password.error());
    headers.emplace_back("Authorization",
                         "Basic " + EncodeBase64(options_.basic_auth->username + ":" + *password));
  } else if (!options_.bearer_token_file.empty()) {
    const auto token = ReadSecret(options_.bearer_token_file);
    if (!token) return tl::unexpected(token.error());
    headers.emplace_back("Authorization", "Bearer " + *token);
  }
  return headers;
}

void AlertmanagerSink::Send(std::vector<Notification> batch,
                            std::function<void(Result<void>)> done) {
  auto headers = Headers();
  if (!headers) {
    Error error = std::move(headers.error());
    error.message = name_ + ": " + error.message;
    loop_.Post([done = std::move(done), error = std::move(error)] { done(tl::unexpected(error)); });
    return;
  }
  HttpCall call{.method = "POST",
                .url = url_,
                .headers = std::move(*headers),
                .body = AlertmanagerBody(batch, now_(), options_.ends_after),
                .deadline = options_.timeout,
                .tls = options_.tls};
  client_.Send(std::move(call), [url = url_, done = std::move(done)](Result<HttpReply> reply) {
    done(reply.and_then([&](const HttpReply& r) { return Judge(url, r); }));
  });
}

Result<std::vector<std::unique_ptr<AlertSink>>> MakeAlertmanagerSinks(
    IoLoop& loop, const AlertmanagerOptions& options) {
  if (options.basic_auth && !options.bearer_token_file.empty()) {
    return Fail("alertmanager: basic_auth and bearer_token_file exclude each other");
  }
  std::vector<std::unique_ptr<AlertSink>> sinks;
  for (std::size_t i = 0; i < options.urls.size(); ++i) {
    auto peer = ParseUrl(options.urls[i]);
    if (!peer) {
      return Fail("alertmanager: urls[" + std::to_string(i) + "]: " + peer.error().message);
    }
    sinks.push_back(std::make_unique<AlertmanagerSink>(loop, options, std::move(*peer), Now));
  }
  return sinks;
}

}  // namespace guardwatch
