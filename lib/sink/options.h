#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "net/options.h"

namespace guardwatch {

struct BasicAuth {
  std::string username;
  std::string password_file;
};

struct AlertmanagerOptions {
  std::vector<std::string> urls{};  // Every peer of the cluster; a path is a prefix.
  std::chrono::milliseconds timeout = std::chrono::seconds(10);
  // How far ahead a firing alert ends by itself. Longer than a restart of ours takes.
  Duration ends_after = std::chrono::minutes(15);
  std::optional<BasicAuth> basic_auth{};
  std::string bearer_token_file{};  // Empty: no bearer token. Not together with basic_auth.
  TlsOptions tls{};
};

// One per receiver, beside the options of its sink.
struct DeliveryOptions {
  Duration resend_interval = std::chrono::minutes(1);
  std::size_t max_batch = 256;
  std::size_t max_alerts = 10'000;
  Duration backoff_min = std::chrono::seconds(1);
  Duration backoff_max = std::chrono::minutes(1);
  int open_circuit_after = 5;  // Failures in a row to reach the receiver.
  std::uint64_t jitter_seed = 0;
};

}  // namespace guardwatch
