#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "alert/rule.h"
#include "base/time.h"
#include "detect/baseline_set.h"
#include "detect/learning_period.h"
#include "detect/time_slots.h"

namespace guardwatch {

// What the monitor needs to know of one source.
struct MonitoredSource {
  std::string name;
  Duration allowed_lateness = std::chrono::seconds(60);
  Duration label_lateness = std::chrono::hours(6);
  Duration label_early = std::chrono::minutes(10);
  Duration label_horizon = std::chrono::hours(24);  // The longest of the source's guardrails.
  std::int64_t max_values_per_dimension = 100;
  std::int64_t max_units = 1000;
  std::int64_t max_versions_per_unit = 20;
};

// Rates that are watched for drift, by name: on 10 s panes, and those that rest on labels on
// matured coarse panes. What they count: monitor/drift_streams.h.
inline constexpr std::array<std::string_view, 4> kFineRates{"fail_rate", "band_share", "error_rate",
                                                            "saturated_share"};
inline constexpr std::array<std::string_view, 5> kCoarseRates{"recall", "false_positive_rate",
                                                              "precision", "f1", "unlabeled_share"};

// The drift detectors and what they may spend.
struct DriftOptions {
  bool enabled = true;
  double false_alarms_per_30d = 1;           // Of everything together.
  Duration learn = std::chrono::hours(24);   // From a version's first event on.
  LearningPeriod period;                     // If set: versions seen in it are learned from it.
  SlotScheme slots = SlotScheme::kConstant;  // One rate per hour of the day, or of the week.
  Duration quiet = std::chrono::hours(24);   // Without half the evidence: the alert resolves.
  // Baselines of versions that are not to be learned, and what they were read from.
  std::shared_ptr<const std::vector<BaselineSet>> given;
  std::string given_from;
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
