#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"

namespace guardwatch {

enum class ScoreKind : std::uint8_t { kProbability, kDecisionsOnly };

// What the user says about one guardrail, or one category of it. Units that nobody lists get the
// defaults of their source.
struct GuardrailOptions {
  std::string guardrail;
  std::optional<std::string> source;    // Nullopt: in every source.
  std::optional<std::string> category;  // Nullopt: every category.
  std::optional<double> threshold;      // Used when the event carries none.
  std::optional<double> band;           // Half width of the near-threshold band.
  std::optional<Duration> label_horizon;
  std::optional<std::vector<std::string>> cohorts;
  ScoreKind score_kind = ScoreKind::kProbability;
  bool decided_by_decision_events = false;
};

// How one source is read: the limits of the contracts, section 1.
struct SourceOptions {
  std::string name;
  Duration allowed_lateness = std::chrono::seconds(60);
  Duration label_lateness = std::chrono::hours(6);
  Duration duplicate_window = std::chrono::minutes(15);
  Duration label_early = std::chrono::minutes(10);
  Duration label_horizon = std::chrono::hours(24);
  Duration idle_timeout = std::chrono::seconds(60);
  Duration hold_timeout = std::chrono::minutes(10);
  double band = 0.05;
  double label_sample = 1.0;
  bool durable = false;               // Somebody keeps the shards' state.
  bool labels_follow_scores = false;  // label_partitioning: same_as_scores
  std::vector<std::string> cohorts;
  std::vector<GuardrailOptions> guardrails;  // In the order written; the most specific one counts.
  std::int64_t max_values_per_dimension = 100;
  std::int64_t max_units = 1000;
  std::int64_t max_versions_per_unit = 20;
};

}  // namespace guardwatch
