#include "app/listen_address.h"

#include <charconv>

namespace guardwatch {

Result<ListenAddress> ParseListenAddress(std::string_view text) {
  const std::string wanted = "listen address \"" + std::string(text) + "\": expected host:port";
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return Fail(wanted);
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  if (host.size() > 1 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return Fail(wanted + ", an IPv6 host in brackets");
  }
  ListenAddress address{host.empty() ? "0.0.0.0" : std::string(host), 0};
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (error != std::errc() || end != port.data() + port.size()) return Fail(wanted);
  return address;
}

}  // namespace guardwatch
