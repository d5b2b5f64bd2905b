#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace guardwatch {

// Something guardwatch noticed that a person should know before trusting a green light. Findings
// are recomputed, not accumulated: one is listed as long as it is true.
struct Finding {
  enum class Severity : std::uint8_t { kInfo, kWarning, kCritical };

  std::string
      kind;  // stalled, no_data, log_unavailable, labels_unmatched, events_rejected, epoch, ...
  Severity severity = Severity::kWarning;
  std::string source;
  std::string guardrail;  // Empty if it concerns the whole source.
  std::string category;
  std::string subject;             // Topic, log, or value concerned; empty if none.
  std::string summary;             // One plain sentence: what is wrong and what to look at first.
  std::optional<EventTime> since;  // In the stream.
  std::optional<WallTime> since_wall;  // On this machine, where the stream has no time to give.
};

std::string_view ToString(Finding::Severity severity);

}  // namespace guardwatch
