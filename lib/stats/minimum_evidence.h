#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace guardwatch {

// What is known about one cohort when it is about to be named as the one that is wrong.
struct CohortEvidence {
  std::int64_t n = 0;
  std::int64_t s = 0;        // Outcomes counted by the rate, such as blocked events.
  double expected_rate = 0;  // Of the reference, in [0, 1].
  double normal_low = 0;     // Rates in [normal_low, normal_high] count as unchanged.
  double normal_high = 1;
  double shrunk_low = 0;  // One-sided 95 % limits of the rate, shrunk towards all cohorts'.
  double shrunk_high = 1;
  int panes = 0;              // Panes that contributed,
  std::int64_t sessions = 0;  // and distinct sessions.
  bool detected = false;      // By a detector, or by the multiple test over all cohorts.
};

// A small cohort is extreme by chance more often than a large one, and a single client that retries
// looks like a cohort gone wrong. So that a name means something, it needs all of: detection; 50
// events, and 5 of the rarer outcome observed or expected; a limit of the shrunk rate outside of
// what is normal; 2 panes and 3 sessions.
inline constexpr std::int64_t kFewestCohortEvents = 50;
inline constexpr double kFewestRareOutcomes = 5;
inline constexpr int kFewestPanes = 2;
inline constexpr std::int64_t kFewestSessions = 3;

enum class MissingEvidence {
  kDetection,
  kEvents,
  kRareOutcomes,
  kDistance,  // The shrunk rate may be normal.
  kPanes,
  kSessions,
};
std::string_view ToString(MissingEvidence missing);

// The first thing that is missing before the cohort may be named; nullopt: nothing.
std::optional<MissingEvidence> FindMissingEvidence(const CohortEvidence& evidence);

}  // namespace guardwatch
