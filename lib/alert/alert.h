#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace guardwatch {

enum class AlertState : std::uint8_t { kInactive, kPending, kFiring, kResolved };
std::string_view ToString(AlertState state);

using AlertLabels = std::map<std::string, std::string>;

// 16 hex digits that name an alert by its labels, the same in every process and after every
// restart.
std::string AlertId(const AlertLabels& labels);

// One alert as readers and receivers see it. Times of the stream; `description` and `evidence`
// follow the latest evaluation, the labels never change.
struct Alert {
  std::string id;
  AlertLabels labels;  // Identity: no value, no time, no instance.
  std::map<std::string, std::string> annotations;
  AlertState state = AlertState::kInactive;
  EventTime pending_since{};
  std::optional<EventTime> firing_since;
  std::optional<EventTime> resolved_at;
  std::optional<double> value;  // Of the latest evaluation with enough data.
  std::int64_t n = 0;
  std::int64_t fired = 0;  // How often it has begun to fire.
};

}  // namespace guardwatch
