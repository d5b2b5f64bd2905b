#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/result.h"
#include "net/http.h"
#include "net/io_loop.h"
#include "net/options.h"

namespace guardwatch {

struct HttpServerStats {
  std::size_t connections = 0;  // Open now.
  std::uint64_t requests = 0;
  std::uint64_t connections_refused = 0;  // Over max_connections; answered 503.
};

// An HTTP/1.1 server with keep-alive. All of it, the handler too, runs on the I/O thread of `loop`;
// construct and Listen before Run or there, destroy there or after Run has returned.
//
// Answers by itself: 400 malformed, 413 body too large, 431 headers too large, 503 too many
// connections or no response in time. HEAD goes to the handler like GET; its body is not sent.
class HttpServer {
 public:
  HttpServer(IoLoop& loop, HttpServerOptions options, HttpHandler handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Starts to accept; returns the bound port. An error names the address and says if it is in use.
  Result<std::uint16_t> Listen();

  // Stops accepting, drops idle connections, lets requests under way finish until `deadline` has
  // passed, and then calls `done`.
  void Close(std::chrono::milliseconds deadline, std::function<void()> done);

  HttpServerStats stats() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace guardwatch
