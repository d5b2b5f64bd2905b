#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace guardwatch {

struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;
};

// Reads host:port, :port (every interface) or [v6]:port.
Result<ListenAddress> ParseListenAddress(std::string_view text);

}  // namespace guardwatch
