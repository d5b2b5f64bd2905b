#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "alert/rule.h"
#include "base/time.h"
#include "detect/time_slots.h"

namespace guardwatch {

// What the monitor needs to know of one source.
struct MonitoredSource {
  std::string name;
  Duration allowed_lateness = std::chrono::seconds(60);
  Duration label_lateness = std::chrono::hours(6);
  Duration label_horizon = std::chrono::hours(24);  // The longest of the source's guardrails.
  std::int64_t max_values_per_dimension = 100;
  std::int64_t max_units = 1000;
  std::int64_t max_versions_per_unit = 20;
};

// The drift detectors and what they may spend.
struct DriftOptions {
  bool enabled = true;
  double false_alarms_per_30d = 1;           // Of everything together.
  Duration learn = std::chrono::hours(24);   // From a version's first event on.
  SlotScheme slots = SlotScheme::kConstant;  // One rate per hour of the day, or of the week.
  Duration quiet = std::chrono::hours(24);   // Without half the evidence: the alert resolves.
};

struct MonitorOptions {
  std::vector<MonitoredSource> sources;
  std::vector<Duration> windows{std::chrono::minutes(5), std::chrono::hours(1),
                                std::chrono::hours(24)};
  std::vector<AlertRule> rules;
  DriftOptions drift;
  std::int64_t max_series = 20'000;
  Duration stall_timeout = std::chrono::minutes(5);   // Wall time without progress: a finding.
  Duration catch_up_bound = std::chrono::minutes(5);  // Further behind: notifications are held.
  Duration resolved_retention =
      std::chrono::minutes(15);  // Wall time a resolved alert stays listed.
  bool durable = false;          // Somebody keeps the monitor's state.
  bool keep_all_panes = false;   // For replays: any pane can be asked for afterwards.
  std::string external_url;      // Where people reach the status page; for links in alerts.
};

}  // namespace guardwatch
