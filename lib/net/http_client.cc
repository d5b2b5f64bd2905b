#include "net/http_client.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include "base/duration.h"
#include "net/url.h"

namespace guardwatch {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

bool IsAddress(const std::string& host) {
  error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

// Names the wanted host in the handshake, except by address, which RFC 6066 does not allow.
bool AskForServer(SSL* handle, std::string name) {
  if (IsAddress(name)) return true;
  // SSL_set_tlsext_host_name, spelled out: the macro holds a C cast.
  return SSL_ctrl(handle, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) ==
         1;
}

// The certificate must be for this name or address.
bool ExpectServer(SSL* handle, const std::string& name) {
  if (!IsAddress(name)) return SSL_set1_host(handle, name.c_str()) == 1;
  return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(handle), name.c_str()) == 1;
}

Result<void> LoadTlsFiles(ssl::context& context, const TlsOptions& tls) {
  error_code error;
  const auto refuse = [&](std::string_view what, const std::string& file) {
    return FailRetryable("cannot read the " + std::string(what) + " '" + file +
                         "': " + error.message());
  };
  if (tls.ca_file.empty()) {
    context.set_default_verify_paths(error);
    if (error) return FailRetryable("no certificate authorities: " + error.message());
  } else {
    context.load_verify_file(tls.ca_file, error);
    if (error) return refuse("CA file", tls.ca_file);
  }
  if (!tls.cert_file.empty()) {
    context.use_certificate_chain_file(tls.cert_file, error);
    if (error) return refuse("certificate", tls.cert_file);
    context.use_private_key_file(tls.key_file, ssl::context::pem, error);
    if (error) return refuse("private key", tls.key_file);
  }
  return {};
}

Result<std::string> RequestHead(const HttpCall& call, const Url& url) {
  std::string head = call.method + " " + url.Target() + " HTTP/1.1\r\nHost: " + url.HostHeader() +
                     "\r\nConnection: close\r\nUser-Agent: guardwatch\r\n";
  for (const auto& [name, value] : call.headers) {
    // The value may be a secret: it is not repeated here.
    if ((name + value).find_first_of("\r\n") != std::string::npos) {
      return Fail("the header " + name.substr(0, name.find_first_of("\r\n")) +
                  " holds a line break");
    }
    head.append(name).append(": ").append(value).append("\r\n");
  }
  if (!call.body.empty() || call.method != "GET") {
    head += "Content-Length: " + std::to_string(call.body.size()) + "\r\n";
  }
  return head + "\r\n";
}

}  // namespace

// One call: look up, connect, handshake, write, read. Handlers keep it alive; whatever ends it
// first takes `done_`, and the handlers that come after find nothing to do.
class HttpClient::Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(asio::io_context& context, HttpCall call, Done done)
      : context_(context),
        call_(std::move(call)),
        done_(std::move(done)),
        resolver_(context),
        socket_(context),
        deadline_(context) {}

  void Start() {
    shown_url_ = "(malformed URL)";
    auto url = ParseUrl(call_.url);
    if (!url) return FinishLater(tl::unexpected(url.error()));
    url_ = std::move(*url);
    shown_url_ = url_.ToString();
    auto head = RequestHead(call_, url_);
    if (!head) return FinishLater(tl::unexpected(head.error()));
    head_ = std::move(*head);
    if (url_.tls) {
      const auto prepared = PrepareTls();
      if (!prepared) return FinishLater(tl::unexpected(prepared.error()));
    }
    deadline_.expires_after(call_.deadline);
    deadline_.async_wait([self = shared_from_this()](const error_code& error) {
      if (!error) self->Fail("timed out after " + FormatDuration(self->call_.deadline));
    });
    Resolve();
  }

  void Abandon() {
    done_ = nullptr;
    CloseAll();
  }

 private:
  using TlsStream = ssl::stream<tcp::socket&>;

  Result<void> PrepareTls() {
    tls_context_.emplace(ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(tls_context_->native_handle(), TLS1_2_VERSION);
    auto loaded = LoadTlsFiles(*tls_context_, call_.tls);
    if (!loaded) return loaded;
    tls_.emplace(socket_, *tls_context_);
    const std::string& name =
        call_.tls.server_name.empty() ? url_.endpoint.host : call_.tls.server_name;
    SSL* const handle = tls_->native_handle();
    const bool verify = !call_.tls.insecure_skip_verify;
    SSL_set_verify(handle, verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
    if (!AskForServer(handle, name) || (verify && !ExpectServer(handle, name))) {
      return FailRetryable("TLS cannot use the server name '" + name + "'");
    }
    return {};
  }

  void Resolve() {
    step_ = "looking up " + url_.endpoint.host;
    error_code error;
    const auto address = asio::ip::make_address(url_.endpoint.host, error);
    if (!error) return Connect({tcp::endpoint(address, url_.endpoint.port)});
    resolver_.async_resolve(
        url_.endpoint.host, std::to_string(url_.endpoint.port),
        [self = shared_from_this()](const error_code& failure, tcp::resolver::results_type found) {
          if (!self->done_) return;
          if (failure) return self->Fail(failure.message());
          std::vector<tcp::endpoint> endpoints;
          for (const auto& entry : found) endpoints.push_back(entry.endpoint());
          self->Connect(std::move(endpoints));
        });
  }

  void Connect(std::vector<tcp::endpoint> endpoints) {
    step_ = "connecting";
    endpoints_ = std::move(endpoints);
    asio::async_connect(socket_, endpoints_,
                        [self = shared_from_this()](const error_code& error, const tcp::endpoint&) {
                          if (!self->done_) return;
                          if (error) return self->Fail(error.message());
                          self->tls_ ? self->Handshake() : self->Write(self->socket_);
                        });
  }

  void Handshake() {
    step_ = "TLS handshake";
    tls_->async_handshake(ssl::stream_base::client,
                          [self = shared_from_this()](const error_code& error) {
                            if (!self->done_) return;
                            if (error) return self->Fail(self->HandshakeError(error));
                            self->Write(*self->tls_);
                          });
  }

  std::string HandshakeError(const error_code& error) {
    const long verified = SSL_get_verify_result(tls_->native_handle());
    if (verified == X509_V_OK) return error.message();
    return std::string("certificate: ") + X509_verify_cert_error_string(verified);
  }

  template <class Stream>
  void Write(Stream& stream) {
    step_ = "sending";
    const std::vector<asio::const_buffer> buffers{asio::buffer(head_), asio::buffer(call_.body)};
    asio::async_write(stream, buffers,
                      [self = shared_from_this(), &stream](const error_code& error, std::size_t) {
                        if (!self->done_) return;
                        // A receiver that refuses a large body answers and stops reading: the
                        // answer says more than the failed write.
                        self->Read(stream, error);
                      });
  }

  template <class Stream>
  void Read(Stream& stream, const error_code& write_error) {
    step_ = "waiting for the reply";
    parser_.body_limit(boost::none);
    parser_.skip(call_.method == "HEAD");
    body_.resize(call_.body_limit);
    parser_.get().body().data = body_.data();
    parser_.get().body().size = body_.size();
    http::async_read(stream, buffer_, parser_,
                     [self = shared_from_this(), write_error](error_code error, std::size_t) {
                       if (!self->done_) return;
                       // The buffer is full: the rest of the body is not wanted.
                       if (error == http::error::need_buffer) error = {};
                       if (error) return self->Fail((write_error ? write_error : error).message());
                       self->Finish(self->TakeReply());
                     });
  }

  HttpReply TakeReply() {
    const auto& message = parser_.get();
    HttpReply reply;
    reply.status = static_cast<int>(message.result_int());
    for (const auto& field : message) {
      reply.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    }
    body_.resize(body_.size() - message.body().size);
    reply.body = std::move(body_);
    return reply;
  }

  void Fail(const std::string& why) { Finish(FailRetryable(step_ + ": " + why)); }

  void FinishLater(Result<HttpReply> result) {
    asio::post(context_, [self = shared_from_this(), result = std::move(result)]() mutable {
      self->Finish(std::move(result));
    });
  }

  void Finish(Result<HttpReply> result) {
    CloseAll();
    if (!done_) return;
    if (!result) {
      result.error().message = call_.method + " " + shown_url_ + ": " + result.error().message;
    }
    std::exchange(done_, nullptr)(std::move(result));
  }

  void CloseAll() {
    error_code ignored;
    deadline_.cancel();
    resolver_.cancel();
    socket_.close(ignored);
  }

  asio::io_context& context_;
  HttpCall call_;
  Done done_;
  Url url_;
  std::string shown_url_;
  std::string step_;
  std::string head_;
  std::string body_;
  tcp::resolver resolver_;
  tcp::socket socket_;
  asio::steady_timer deadline_;
  std::vector<tcp::endpoint> endpoints_;
  std::optional<ssl::context> tls_context_;
  std::optional<TlsStream> tls_;
  boost::beast::flat_buffer buffer_;
  http::response_parser<http::buffer_body> parser_;
};

HttpClient::~HttpClient() {
  for (const auto& weak : exchanges_) {
    if (const auto exchange = weak.lock()) exchange->Abandon();
  }
}

void HttpClient::Send(HttpCall call, Done done) {
  std::erase_if(exchanges_, [](const auto& weak) { return weak.expired(); });
  auto exchange = std::make_shared<Exchange>(loop_.context(), std::move(call), std::move(done));
  exchanges_.push_back(exchange);
  exchange->Start();
}

}  // namespace guardwatch
