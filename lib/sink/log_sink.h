#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sink/sink.h"

namespace guardwatch {

// Writes one JSON line per change of an alert: state, id, times, labels, annotations.
class LogSink : public AlertSink {
 public:
  using Writer = std::function<void(std::string_view line)>;  // Adds the line's end; must not fail.
  using Post = std::function<void(std::function<void()>)>;    // Calls later, on the same thread.

  LogSink(Writer write, Post post) : write_(std::move(write)), post_(std::move(post)) {}

  const std::string& name() const override { return name_; }
  bool wants_repeats() const override { return false; }
  void Send(std::vector<Notification> batch, std::function<void(Result<void>)> done) override;

 private:
  std::string name_ = "log";
  Writer write_;
  Post post_;
};

}  // namespace guardwatch
