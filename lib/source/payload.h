#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/time.h"
#include "source/fleet.h"

namespace guardwatch {

enum class DraftKind : std::uint8_t { kScore, kCombined, kDecision, kLabel, kMalformed };

// A record before it is written out: pending ones are many, their texts long.
struct Draft {
  DraftKind kind = DraftKind::kCombined;
  Guardrail guardrail = kPromptInjection;
  std::uint8_t language = 0;
  std::uint8_t tier = 0;
  bool has_request_id = true;
  bool canary = false;        // Scored by the canary version, where there is one.
  bool policy_moved = false;  // Under the later policy.
  bool error = false;         // The guardrail failed.
  std::uint8_t label = 0;     // 0 or 1; for the router, an index into kTopics.
  bool retracts = false;      // The label is null.
  std::uint8_t revision = 0;
  std::uint8_t fault = 0;  // Of a malformed record: below kFaults.
  std::uint32_t latency_micros = 0;
  double sample_prob = 1;
  std::uint64_t request = 0;
  std::array<std::uint32_t, kTopics.size()> scores{};  // A binary guardrail has the first only.
  EventTime time;
};

// How many kinds of malformed records there are.
inline constexpr std::uint8_t kFaults = 8;

// The threshold in force for the draft's guardrail.
std::uint32_t ThresholdOf(const Draft& draft);

std::string RequestId(std::uint64_t request);

// The record's text, in the format guardrail.event/v1 unless the draft says it is malformed.
std::string PayloadOf(const Draft& draft);

}  // namespace guardwatch
