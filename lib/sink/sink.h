#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace guardwatch {

// One alert on its way to a receiver. Strings only; times of the wall clock, as receivers expect.
struct Notification {
  std::string id;  // Stable for the alert; part of no label.
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
  bool resolved = false;
  WallTime starts_at{};
  std::optional<WallTime> ends_at;  // Set when resolved.
  std::string generator_url;
};

// The seam to a receiver of alerts. Lives on the I/O thread; never blocks it.
class AlertSink {
 public:
  virtual ~AlertSink() = default;

  virtual const std::string& name() const = 0;

  // Receivers that forget (Alertmanager) want firing alerts again and again; others (a log) only
  // want to hear of changes.
  virtual bool wants_repeats() const = 0;

  // Delivers one batch and calls `done` exactly once, later, on the same thread. An error that is
  // `retryable` makes the delivery try again.
  virtual void Send(std::vector<Notification> batch, std::function<void(Result<void>)> done) = 0;
};

}  // namespace guardwatch
