#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace guardwatch {

struct HttpServerOptions {
  std::string address = "127.0.0.1";  // An IP address, or localhost.
  std::uint16_t port = 0;             // 0: any free one.
  std::size_t max_body_bytes = 64 * 1024;
  std::size_t max_header_bytes = 16 * 1024;
  std::size_t max_connections = 256;
  std::chrono::milliseconds read_timeout = std::chrono::seconds(10);  // First to last byte.
  std::chrono::milliseconds idle_timeout = std::chrono::seconds(75);  // Between requests.
  std::chrono::milliseconds response_timeout =
      std::chrono::seconds(30);  // Of the handler: then 503.
  std::chrono::milliseconds write_timeout = std::chrono::seconds(30);
};

// How a client proves who it is and whom it believes. Files are PEM and are read for each
// connection, so that renewed certificates need no restart.
struct TlsOptions {
  std::string ca_file{};      // Empty: the system's authorities.
  std::string cert_file{};    // Empty: no client certificate.
  std::string key_file{};     // Of cert_file.
  std::string server_name{};  // Empty: the host of the URL.
  bool insecure_skip_verify = false;
};

}  // namespace guardwatch
