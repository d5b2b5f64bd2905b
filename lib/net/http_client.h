#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/http.h"
#include "net/io_loop.h"
#include "net/options.h"

namespace guardwatch {

inline constexpr std::size_t kReplyBodyLimit = 64 * 1024;

struct HttpCall {
  std::string method = "GET";
  std::string url{};      // http or https.
  HttpHeaders headers{};  // Host, Content-Length and Connection are ours.
  std::string body{};
  std::chrono::milliseconds deadline = std::chrono::seconds(10);  // From name lookup to last byte.
  TlsOptions tls{};
  std::size_t body_limit = kReplyBodyLimit;  // Of the reply.
};

struct HttpReply {
  int status = 0;
  HttpHeaders headers;
  std::string body;  // At most the call's body_limit; what is longer is cut off.
};

// Makes HTTP calls on the loop, one connection each; redirects are not followed. I/O thread only.
class HttpClient {
 public:
  using Done = std::function<void(Result<HttpReply>)>;

  explicit HttpClient(IoLoop& loop) : loop_(loop) {}
  ~HttpClient();  // Abandons calls under way: their `done` is not called.
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Calls `done` exactly once, later. Any reply is a success, whatever its status. An error names
  // the method, the URL without its query, and the step that failed; it is retryable unless the
  // call itself is malformed.
  void Send(HttpCall call, Done done);

 private:
  class Exchange;
  IoLoop& loop_;
  std::vector<std::weak_ptr<Exchange>> exchanges_;
};

}  // namespace guardwatch
