#include "sink/alertmanager_sink.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <span>
#include <system_error>
#include <utility>

#include "net/base64.h"
#include "net/clock.h"
#include "sink/alertmanager_body.h"

namespace guardwatch {
namespace {

constexpr std::size_t kExcerptLength = 200;
constexpr std::size_t kLongestSecret = 64 * 1024;
constexpr int kContentTooLarge = 413;

// Nothing but a file of the size of a secret: a pipe would hold up the I/O thread.
Result<std::string> ReadSecret(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    return FailRetryable("cannot read the secret in '" + path + "'");
  }
  std::ifstream file(path, std::ios::binary);
  std::string secret(kLongestSecret, '\0');
  file.read(secret.data(), static_cast<std::streamsize>(secret.size()));
  if (!file.eof()) return FailRetryable("cannot read the secret in '" + path + "'");
  secret.resize(static_cast<std::size_t>(file.gcount()));
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
  const bool refused =
      reply.status == 400 || reply.status == kContentTooLarge || reply.status == 422;
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

struct AlertmanagerSink::Job {
  std::vector<Notification> batch;
  std::function<void(Result<void>)> done;
  HttpHeaders headers;
  std::size_t next = 0;  // The first alert that is not sent yet.
  Result<void> refused;  // The last refusal of a part.
  std::size_t max_part;  // As it was before the batch.
};

void AlertmanagerSink::Send(std::vector<Notification> batch,
                            std::function<void(Result<void>)> done) {
  auto headers = Headers();
  if (!headers) {
    Error error = std::move(headers.error());
    error.message = name_ + ": " + error.message;
    loop_.Post([done = std::move(done), error = std::move(error)] { done(tl::unexpected(error)); });
    return;
  }
  SendPart(std::make_shared<Job>(Job{.batch = std::move(batch),
                                     .done = std::move(done),
                                     .headers = std::move(*headers),
                                     .next = 0,
                                     .refused = {},
                                     .max_part = max_part_}));
}

void AlertmanagerSink::SendPart(const std::shared_ptr<Job>& job) {
  const auto rest = std::span(job->batch).subspan(job->next);
  const std::size_t part = std::min(rest.size(), max_part_);
  HttpCall call{.method = "POST",
                .url = url_,
                .headers = job->headers,
                .body = AlertmanagerBody(rest.first(part), now_(), options_.ends_after),
                .deadline = options_.timeout,
                .tls = options_.tls};
  client_.Send(std::move(call),
               [this, job, part](const Result<HttpReply>& reply) { OnReply(job, part, reply); });
}

void AlertmanagerSink::OnReply(const std::shared_ptr<Job>& job, std::size_t part,
                               const Result<HttpReply>& reply) {
  if (reply && reply->status == kContentTooLarge) {
    // What is too large by itself says nothing of how many there may be of the others.
    max_part_ = part > 1 ? part / 2 : job->max_part;
    if (part > 1) return SendPart(job);
  }
  Result<void> result = reply ? Judge(url_, *reply) : tl::unexpected(reply.error());
  if (!result && result.error().retryable) return job->done(std::move(result));
  if (!result) job->refused = std::move(result);
  job->next += part;
  if (job->next < job->batch.size()) return SendPart(job);
  job->done(std::move(job->refused));
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
