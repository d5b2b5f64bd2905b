#pragma once

#include <chrono>
#include <string>

#include "base/rfc3339.h"
#include "sink/sink.h"

// Alerts as the alert book hands them to sinks.

namespace guardwatch {

inline WallTime At(const std::string& rfc3339) {
  return WallTime(ParseRfc3339(rfc3339).value().time_since_epoch());
}

inline Notification Firing(const std::string& id) {
  return {.id = id,
          .labels = {{"alertname", "ToxicityBandWide"},
                     {"severity", "page"},
                     {"guardrail", "toxicity"},
                     {"category", ""},
                     {"value", id}},
          .annotations = {{"summary", "band share above 0.08"}},
          .resolved = false,
          .starts_at = At("2026-11-22T10:00:00Z"),
          .ends_at = std::nullopt,
          .generator_url = "http://guardwatch.example.org:9464/"};
}

inline Notification Resolved(const std::string& id) {
  Notification alert = Firing(id);
  alert.resolved = true;
  alert.ends_at = At("2026-11-22T10:05:00Z");
  return alert;
}

}  // namespace guardwatch
