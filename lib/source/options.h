#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"

namespace guardwatch {

// The embedded demo stream: a generated scenario played faster than real time. Durations are wall
// time unless they say otherwise.
struct DemoOptions {
  std::string scenario = "cohort-regression";
  std::uint64_t seed = 7;
  double speed = 60;            // Event seconds per wall second, in [1, 3600].
  double rate = 40;             // Scored events per second of event time.
  std::int32_t partitions = 2;  // Of the events topic; the labels topic has one.
  Duration change_after = std::chrono::seconds(30);    // When the scenario's change begins.
  std::optional<Duration> recover_after;               // When it ends; nullopt: never.
  Duration compressed_for = std::chrono::minutes(10);  // How long the stream runs at `speed`.
  Duration warm_up = std::chrono::minutes(90);     // Event time that is there from the beginning.
  Duration label_delay = std::chrono::minutes(2);  // Median, in event time.
  Duration label_lateness = std::chrono::minutes(2);  // Event time; what the daemon is told, too.
};

}  // namespace guardwatch
