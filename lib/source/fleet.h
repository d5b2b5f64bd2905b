#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/time.h"
#include "source/random.h"

// The fleet whose events the generator makes up: guardrails, their score distributions, and who
// sends requests. Probabilities and scores are integers in millionths.

namespace guardwatch {

inline constexpr std::uint32_t kMillion = 1'000'000;

// Binary guardrails, in the order in which a request passes them; then the router.
enum Guardrail : std::uint8_t { kPromptInjection, kHate, kThreat, kPii, kTopicRouter };

struct GuardrailProfile {
  std::string_view guardrail;
  std::string_view category;  // Empty: none.
  std::string_view model_version;
  std::string_view canary_version;  // Of a tenth of the requests; empty: none.
  std::string_view flagged_verdict;
  std::span<const QuantilePoint> scores;
  std::uint32_t threshold = 0;
  bool decides_in_own_event = false;  // The score carries no verdict; a decision event follows.
};

const GuardrailProfile& ProfileOf(Guardrail guardrail);

// The thresholds of prompt-injection before and after the policy change of `threshold-moved`.
inline constexpr std::uint32_t kMovedThreshold = 650'000;
inline constexpr std::string_view kPolicyVersion = "2026-10-01";
inline constexpr std::string_view kMovedPolicyVersion = "2026-11-15";

inline constexpr std::array<std::string_view, 4> kTopics{"billing", "legal", "medical",
                                                         "smalltalk"};
inline constexpr double kRouterShare = 0.05;                   // Of requests that reach the router.
inline constexpr double kEventsPerRequest = 4 + kRouterShare;  // Scored events.

inline constexpr std::array<std::string_view, 5> kLanguages{"en", "de", "fr", "es", "ja"};
inline constexpr std::array<std::string_view, 3> kTiers{"free", "paid", "enterprise"};
inline constexpr std::uint8_t kGerman = 1;

std::uint8_t DrawLanguage(Random& random);
std::uint8_t DrawTier(Random& random);
std::uint32_t DrawLatencyMicros(Random& random);
std::array<std::uint32_t, kTopics.size()> DrawTopicScores(Random& random);  // They add up to 1.

// Log-normal around the median with sigma 1, cut off at kLongestReview medians.
inline constexpr int kLongestReview = 22;
Duration DrawReviewDelay(Random& random, Duration median);

}  // namespace guardwatch
