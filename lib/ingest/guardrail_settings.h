#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/options.h"

namespace guardwatch {

inline constexpr std::size_t kMaxDimensions = 8;  // Cohort dimensions of one source.

// What applies to one (guardrail, category) of a source once every level of the configuration has
// been laid over the one below it.
struct GuardrailSettings {
  std::optional<double> threshold;
  double band = 0.05;
  Duration label_horizon{};
  bool decisions_only = false;              // score_kind: none
  bool decided_by_decision_events = false;  // decided_by: decision_events
  std::vector<std::uint8_t> dimensions;     // Indexes into Dimensions(source).
};

// Every cohort dimension that some guardrail of the source uses, in a fixed order: what the codec
// reads.
std::vector<std::string> Dimensions(const SourceOptions& source);

// An entry that names the category beats one that does not; of equals the first written counts.
GuardrailSettings ResolveSettings(const SourceOptions& source, std::string_view guardrail,
                                  std::string_view category);

// The longest label horizon of any guardrail of the source.
Duration LongestHorizon(const SourceOptions& source);

}  // namespace guardwatch
