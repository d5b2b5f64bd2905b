#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/check.h"

// TCP without any HTTP, for what no well-behaved peer would do.

namespace guardwatch {

class RawSocket {
 public:
  explicit RawSocket(int descriptor) : descriptor_(descriptor) {
    GUARDWATCH_CHECK(descriptor_ >= 0);
    const timeval patience{.tv_sec = 30, .tv_usec = 0};
    setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  }
  RawSocket(RawSocket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  ~RawSocket() {
    if (descriptor_ >= 0) close(descriptor_);
  }

  static RawSocket Connect(std::uint16_t port) {
    RawSocket socket(::socket(AF_INET, SOCK_STREAM, 0));
    const sockaddr_in address = Loopback(port);
    GUARDWATCH_CHECK(connect(socket.descriptor_, reinterpret_cast<const sockaddr*>(&address),
                             sizeof(address)) == 0);
    return socket;
  }

  static RawSocket Listen() {
    RawSocket socket(::socket(AF_INET, SOCK_STREAM, 0));
    const sockaddr_in address = Loopback(0);
    GUARDWATCH_CHECK(bind(socket.descriptor_, reinterpret_cast<const sockaddr*>(&address),
                          sizeof(address)) == 0);
    GUARDWATCH_CHECK(listen(socket.descriptor_, 16) == 0);
    return socket;
  }

  RawSocket Accept() const { return RawSocket(accept(descriptor_, nullptr, nullptr)); }

  std::uint16_t port() const {
    sockaddr_in address{};
    socklen_t size = sizeof(address);
    getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
  }

  void Send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;  // The peer has had enough.
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  // What arrives until `end` has, or until the peer closes.
  std::string ReceiveUntil(std::string_view end) const {
    std::string received;
    std::array<char, 4096> chunk{};
    while (received.find(end) == std::string::npos) {
      const ssize_t size = recv(descriptor_, chunk.data(), chunk.size(), 0);
      if (size <= 0) break;
      received.append(chunk.data(), static_cast<std::size_t>(size));
    }
    return received;
  }

  // What arrives until the peer closes.
  std::string ReceiveAll() const { return ReceiveUntil(std::string_view("\0never\0", 7)); }

  // Closes so that the peer sees a reset instead of an end.
  void Reset() {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close(std::exchange(descriptor_, -1));
  }

 private:
  static sockaddr_in Loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }

  int descriptor_;
};

}  // namespace guardwatch
