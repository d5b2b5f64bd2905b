#include "net/http_server.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include "net/clock.h"
#include "net/http_response.h"
#include "net/url.h"

namespace guardwatch {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::size_t kReadSize = 4096;
// What a client may still send after we said `Connection: close`, before we stop listening to it.
constexpr std::size_t kDrainLimit = 1024 * 1024;
constexpr std::chrono::seconds kDrainTimeout{2};
constexpr std::chrono::milliseconds kAcceptRetry{100};

class Session;

// What sessions share with their server; lives until the last of them is gone.
struct Shared {
  HttpServerOptions options;
  HttpHandler handler;
  std::set<Session*> sessions;
  bool closing = false;
  std::function<void()> on_empty;
  HttpServerStats stats;

  void Remove(Session* session) {
    if (sessions.erase(session) > 0 && sessions.empty() && on_empty) on_empty();
  }
};

// Nullopt if the request target is not a path of ours.
std::optional<HttpRequest> ToRequest(beast::http::request<beast::http::string_body>&& message) {
  const std::string_view target(message.target().data(), message.target().size());
  if (!target.starts_with('/')) return std::nullopt;
  const std::size_t question = std::min(target.find('?'), target.size());
  auto path = PercentDecode(target.substr(0, question), false);
  auto query = ParseQuery(target.substr(std::min(target.size(), question + 1)));
  if (!path || !query || path->find('\0') != std::string::npos) return std::nullopt;

  HttpRequest request;
  request.method = std::string(message.method_string());
  request.path = std::move(*path);
  request.query = std::move(*query);
  for (const auto& field : message) {
    request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  }
  request.accepts_gzip = AcceptsGzip(request.Header("Accept-Encoding").value_or(""));
  request.body = std::move(message.body());
  return request;
}

// One connection: read a request, have it handled, write the response, again. The pending operation
// keeps the session alive; there is always exactly one until Finish.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, std::shared_ptr<Shared> shared)
      : stream_(std::move(socket)),
        response_timer_(stream_.get_executor()),
        shared_(std::move(shared)) {
    shared_->sessions.insert(this);
  }
  ~Session() { shared_->sessions.erase(this); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void Start() { WaitForRequest(); }

  void CloseIfIdle() {
    if (phase_ == Phase::kIdle) Finish();
  }

  void Finish() {
    if (phase_ == Phase::kFinished) return;
    phase_ = Phase::kFinished;
    response_timer_.cancel();
    stream_.close();
    shared_->Remove(this);
  }

  // The answer to request number `number`, unless it has been answered.
  void Answer(std::uint64_t number, HttpResponse response) {
    if (phase_ != Phase::kHandling || number != request_number_) return;
    response_timer_.cancel();
    Write(std::move(response), keep_alive_ && !shared_->closing);
  }

 private:
  enum class Phase { kIdle, kReading, kHandling, kWriting, kDraining, kFinished };

  // Reports once, and answers 500 if it is dropped without having reported.
  class Slot {
   public:
    Slot(std::weak_ptr<Session> session, std::uint64_t number)
        : session_(std::move(session)), number_(number) {}
    ~Slot() { Answer({.status = 500, .body = "no answer\n"}); }
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;

    void Answer(HttpResponse response) {
      const auto session = std::exchange(session_, {}).lock();
      if (session) session->Answer(number_, std::move(response));
    }

   private:
    std::weak_ptr<Session> session_;
    std::uint64_t number_;
  };

  void WaitForRequest() {
    parser_.emplace();
    parser_->body_limit(shared_->options.max_body_bytes);
    parser_->header_limit(static_cast<std::uint32_t>(shared_->options.max_header_bytes));
    if (buffer_.size() > 0) return Read();
    phase_ = Phase::kIdle;
    // The first request of a connection has no right to the patience of keep-alive.
    stream_.expires_after(request_number_ == 0 ? shared_->options.read_timeout
                                               : shared_->options.idle_timeout);
    stream_.async_read_some(buffer_.prepare(kReadSize),
                            [self = shared_from_this()](const error_code& error, std::size_t size) {
                              if (error) return self->Finish();
                              self->buffer_.commit(size);
                              self->Read();
                            });
  }

  void Read() {
    phase_ = Phase::kReading;
    stream_.expires_after(shared_->options.read_timeout);
    beast::http::async_read(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](const error_code& error, std::size_t) { self->OnRead(error); });
  }

  void OnRead(const error_code& error) {
    using HttpError = beast::http::error;
    if (phase_ == Phase::kFinished) return;
    if (error == HttpError::body_limit) return Refuse(413, "the body is too large\n");
    if (error == HttpError::header_limit || error == HttpError::buffer_overflow) {
      return Refuse(431, "the headers are too large\n");
    }
    if (error == HttpError::end_of_stream || error == HttpError::partial_message) return Finish();
    if (error && error.category() == make_error_code(HttpError::bad_method).category()) {
      return Refuse(400, "malformed request\n");
    }
    if (error) return Finish();
    Handle();
  }

  void Refuse(int status, std::string text) {
    ++shared_->stats.requests;
    ++request_number_;
    request_ = HttpRequest();
    Write({.status = status, .body = std::move(text)}, false);
  }

  void Handle() {
    keep_alive_ = parser_->keep_alive();
    auto request = ToRequest(parser_->release());
    if (!request) return Refuse(400, "malformed request target\n");
    request_ = std::move(*request);
    phase_ = Phase::kHandling;
    ++shared_->stats.requests;
    const std::uint64_t number = ++request_number_;
    response_timer_.expires_after(shared_->options.response_timeout);
    response_timer_.async_wait([self = shared_from_this(), number](const error_code& error) {
      if (error) return;
      self->Answer(number, {.status = 503, .body = "no answer in time\n"});
    });
    const auto slot = std::make_shared<Slot>(weak_from_this(), number);
    shared_->handler(request_, [slot](HttpResponse r) { slot->Answer(std::move(r)); });
  }

  void Write(HttpResponse response, bool keep_alive) {
    phase_ = Phase::kWriting;
    response_ = EncodeResponse(request_, std::move(response), keep_alive, Now());
    std::vector<asio::const_buffer> buffers{asio::buffer(response_.head)};
    if (response_.body) buffers.push_back(asio::buffer(*response_.body));
    stream_.expires_after(shared_->options.write_timeout);
    asio::async_write(
        stream_, buffers,
        [self = shared_from_this(), keep_alive](const error_code& error, std::size_t) {
          if (self->phase_ == Phase::kFinished) return;
          if (error) return self->Finish();
          self->response_ = {};
          if (keep_alive && !self->shared_->closing) return self->WaitForRequest();
          self->StartDrain();
        });
  }

  // Closing with unread input resets the connection, and the client may never see the answer.
  void StartDrain() {
    phase_ = Phase::kDraining;
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    stream_.expires_after(kDrainTimeout);
    Drain(kDrainLimit);
  }

  void Drain(std::size_t allowance) {
    buffer_.clear();
    stream_.async_read_some(
        buffer_.prepare(kReadSize),
        [self = shared_from_this(), allowance](const error_code& error, std::size_t size) {
          if (error || size >= allowance) return self->Finish();
          self->Drain(allowance - size);
        });
  }

  beast::tcp_stream stream_;
  asio::steady_timer response_timer_;
  std::shared_ptr<Shared> shared_;
  beast::flat_buffer buffer_;
  std::optional<beast::http::request_parser<beast::http::string_body>> parser_;
  Phase phase_ = Phase::kIdle;
  bool keep_alive_ = false;
  std::uint64_t request_number_ = 0;
  HttpRequest request_;
  EncodedResponse response_;
};

std::vector<std::shared_ptr<Session>> OpenSessions(const Shared& shared) {
  std::vector<std::shared_ptr<Session>> sessions;
  for (Session* session : shared.sessions) sessions.push_back(session->shared_from_this());
  return sessions;
}

}  // namespace

class HttpServer::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& context, HttpServerOptions options, HttpHandler handler)
      : context_(context),
        acceptor_(context),
        retry_timer_(context),
        deadline_timer_(context),
        shared_(std::make_shared<Shared>()) {
    shared_->options = std::move(options);
    shared_->handler = std::move(handler);
  }

  Result<std::uint16_t> Listen() {
    const HttpServerOptions& options = shared_->options;
    error_code error;
    const std::string literal = options.address == "localhost" ? "127.0.0.1" : options.address;
    const auto address = asio::ip::make_address(literal, error);
    if (error) return Fail("'" + options.address + "' is not an IP address to listen on");

    const tcp::endpoint endpoint(address, options.port);
    const std::string shown = HostPort{literal, options.port}.ToString();
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error == asio::error::address_in_use) {
      return FailRetryable("cannot listen on " + shown + ": the address is already in use");
    }
    if (error) return FailRetryable("cannot listen on " + shown + ": " + error.message());
    const tcp::endpoint bound = acceptor_.local_endpoint(error);
    if (error) return FailRetryable("cannot listen on " + shown + ": " + error.message());
    Accept();
    return bound.port();
  }

  void Close(std::chrono::milliseconds deadline, std::function<void()> done) {
    StopAccepting();
    shared_->on_empty = [this, done = std::move(done)]() mutable {
      deadline_timer_.cancel();
      if (done) asio::post(context_, std::exchange(done, nullptr));
    };
    if (shared_->sessions.empty()) return shared_->on_empty();
    for (const auto& session : OpenSessions(*shared_)) session->CloseIfIdle();
    if (shared_->sessions.empty()) return;
    deadline_timer_.expires_after(deadline);
    deadline_timer_.async_wait([weak = weak_from_this()](const error_code& error) {
      const auto self = weak.lock();
      if (!error && self) self->FinishAll();
    });
  }

  // No call back into the owner of the server after this.
  void Abort() {
    StopAccepting();
    shared_->on_empty = nullptr;
    deadline_timer_.cancel();
    FinishAll();
    shared_->handler = nullptr;
  }

  HttpServerStats stats() const {
    HttpServerStats stats = shared_->stats;
    stats.connections = shared_->sessions.size();
    return stats;
  }

 private:
  void StopAccepting() {
    shared_->closing = true;
    error_code ignored;
    acceptor_.close(ignored);
    retry_timer_.cancel();
  }

  void FinishAll() {
    for (const auto& session : OpenSessions(*shared_)) session->Finish();
  }

  void Accept() {
    acceptor_.async_accept(
        [self = shared_from_this()](const error_code& error, tcp::socket socket) {
          if (self->shared_->closing) return;
          // Out of file descriptors, most likely: trying again at once would only spin.
          if (error && error != asio::error::connection_aborted) return self->AcceptLater();
          if (!error) self->Admit(std::move(socket));
          self->Accept();
        });
  }

  void AcceptLater() {
    retry_timer_.expires_after(kAcceptRetry);
    retry_timer_.async_wait([self = shared_from_this()](const error_code& error) {
      if (!error && !self->shared_->closing) self->Accept();
    });
  }

  void Admit(tcp::socket socket) {
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    if (shared_->sessions.size() < shared_->options.max_connections) {
      std::make_shared<Session>(std::move(socket), shared_)->Start();
      return;
    }
    ++shared_->stats.connections_refused;
    const EncodedResponse response = EncodeResponse(
        HttpRequest(), {.status = 503, .body = "too many connections\n"}, false, Now());
    // The send buffer of a new connection is empty and takes this at once, or the client goes
    // without.
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(response.head + *response.body), ignored);
  }

  asio::io_context& context_;
  tcp::acceptor acceptor_;
  asio::steady_timer retry_timer_;
  asio::steady_timer deadline_timer_;
  std::shared_ptr<Shared> shared_;
};

HttpServer::HttpServer(IoLoop& loop, HttpServerOptions options, HttpHandler handler)
    : impl_(std::make_shared<Impl>(loop.context(), std::move(options), std::move(handler))) {}

HttpServer::~HttpServer() { impl_->Abort(); }

Result<std::uint16_t> HttpServer::Listen() { return impl_->Listen(); }

void HttpServer::Close(std::chrono::milliseconds deadline, std::function<void()> done) {
  impl_->Close(deadline, std::move(done));
}

HttpServerStats HttpServer::stats() const { return impl_->stats(); }

}  // namespace guardwatch
