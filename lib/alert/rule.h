#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"

namespace guardwatch {

// A rule the user wrote: `metric above|below bound for duration`. It is evaluated for every unit
// that matches, and with `per_cohort` for every value of that dimension.
struct AlertRule {
  std::string name;                     // The alert's name.
  std::string statistic;                // A name of window/statistics.h.
  std::string source;                   // Empty: any.
  std::string guardrail;                // Empty: any.
  std::optional<std::string> category;  // Nullopt: any.
  std::string variant = "live";
  std::string cohort_dimension;             // Empty: the whole unit.
  std::optional<std::string> cohort_value;  // With a dimension; nullopt: each of its values.
  Duration window = std::chrono::minutes(5);
  std::optional<double> above;  // Exactly one of above and below is set.
  std::optional<double> below;
  Duration hold_for{};          // `for`: how long, in event time, before pending becomes firing.
  Duration keep_firing_for{};   // How long, in event time, it must be clear before it resolves.
  std::int64_t min_events = 1;  // With fewer events the data is insufficient: no step either way.
  std::string severity = "page";
  std::string summary;      // Empty: written from the rule.
  std::string runbook_url;  // Empty: none.
};

}  // namespace guardwatch
