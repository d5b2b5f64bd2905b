#include "stats/minimum_evidence.h"

#include <algorithm>

namespace guardwatch {

std::string_view ToString(MissingEvidence missing) {
  switch (missing) {
    case MissingEvidence::kDetection:
      return "detection";
    case MissingEvidence::kEvents:
      return "events";
    case MissingEvidence::kRareOutcomes:
      return "rare_outcomes";
    case MissingEvidence::kDistance:
      return "distance";
    case MissingEvidence::kPanes:
      return "panes";
    case MissingEvidence::kSessions:
      return "sessions";
  }
  return "";
}

std::optional<MissingEvidence> FindMissingEvidence(const CohortEvidence& evidence) {
  if (!evidence.detected) return MissingEvidence::kDetection;
  if (evidence.n < kFewestCohortEvents) return MissingEvidence::kEvents;
  const bool rare = evidence.expected_rate <= 0.5;  // Else its absence is the rarer outcome.
  const double observed = double(rare ? evidence.s : evidence.n - evidence.s);
  const double expected =
      double(evidence.n) * (rare ? evidence.expected_rate : 1 - evidence.expected_rate);
  if (std::max(observed, expected) < kFewestRareOutcomes) return MissingEvidence::kRareOutcomes;
  const bool outside =
      evidence.shrunk_low > evidence.normal_high || evidence.shrunk_high < evidence.normal_low;
  if (!outside) return MissingEvidence::kDistance;
  if (evidence.panes < kFewestPanes) return MissingEvidence::kPanes;
  if (evidence.sessions < kFewestSessions) return MissingEvidence::kSessions;
  return std::nullopt;
}

}  // namespace guardwatch
