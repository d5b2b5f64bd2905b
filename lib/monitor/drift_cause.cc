#include "monitor/drift_cause.h"

#include <algorithm>

#include "base/rfc3339.h"

namespace guardwatch {
namespace {

// An epoch this much before or after the estimated change may have caused it.
constexpr Duration kNear = std::chrono::hours(1);
constexpr std::size_t kCohortsNamed = 3;

bool Has(const ActiveDrifts& active, std::string_view stream) {
  return std::any_of(active.begin(), active.end(),
                     [&](const auto& entry) { return entry.second.stream == stream; });
}

bool OnlyLabels(const ActiveDrifts& active) {
  return std::all_of(active.begin(), active.end(), [](const auto& entry) {
    return IsQuality(entry.second.stream) || entry.second.stream == "unlabeled_share";
  });
}

}  // namespace

const EpochEvent* NearestEpoch(const SourceMonitor& source, const UnitKey& unit, Variant variant,
                               EventTime changed, EventTime latest) {
  const EpochEvent* nearest = nullptr;
  for (const EpochEvent& event : source.epochs().events()) {
    if (event.unit != unit || event.variant != variant) continue;
    if (event.at < changed - kNear || event.at > latest) continue;
    const auto distance = [&](const EpochEvent& of) { return std::chrono::abs(of.at - changed); };
    // Of those of one moment the threshold tells most.
    const bool closer =
        nearest == nullptr || distance(event) < distance(*nearest) ||
        (distance(event) == distance(*nearest) && event.field == EpochTally::Field::kThreshold);
    if (closer) nearest = &event;
  }
  return nearest;
}

std::string LikelyCause(const ActiveDrifts& active, const ActiveDrift& leading,
                        const EpochEvent* epoch) {
  if (epoch != nullptr) {
    const std::string change = epoch->from + " to " + epoch->to + " at " + FormatRfc3339(epoch->at);
    switch (epoch->field) {
      case EpochTally::Field::kModelVersion:
        return "Likely cause: the classifier changed: its model version went from " + change + ".";
      case EpochTally::Field::kPolicyVersion:
        return "Likely cause: the policy changed, from " + change + ".";
      case EpochTally::Field::kThreshold:
        return "Likely cause: the threshold was moved, from " + change + ".";
    }
  }
  const bool only_labels_missing = std::all_of(active.begin(), active.end(), [](const auto& entry) {
    return entry.second.stream == "unlabeled_share";
  });
  if (only_labels_missing) {
    return "Likely cause: labels stopped or are late; the guardrail itself looks as before.";
  }
  if (!leading.cohorts.empty()) {
    const bool wrong = Has(active, kCalibration) || Has(active, "false_positive_rate") ||
                       Has(active, "precision") || Has(active, "recall");
    return "Likely cause: traffic with " + NamesOf(leading) + ", which changed most" +
           (wrong ? "; its labels disagree with the scores, so the classifier is wrong there."
                  : ".");
  }
  const bool scores_moved = Has(active, kScoreDistribution) || Has(active, "band_share");
  const bool scores_wrong = Has(active, kCalibration) || Has(active, kLogLoss) ||
                            Has(active, kBrier) || Has(active, kRocAuc);
  if (scores_wrong && !Has(active, kScoreDistribution)) {
    return "Likely cause: the classifier changed or labels mean something else now: scores are "
           "distributed as before, but labels agree with them less.";
  }
  if (scores_wrong) {
    return "Likely cause: the classifier changed: its scores moved and no longer match the labels.";
  }
  const bool withdrawn = std::any_of(active.begin(), active.end(), [](const auto& entry) {
    return entry.second.verdict == DriftVerdict::kWithdrawn;
  });
  if (scores_moved && withdrawn) {
    return "Likely cause: the traffic changed: scores moved, and labels match them as before.";
  }
  if (scores_moved) {
    return "Likely cause: the traffic or the classifier changed: scores moved. If labels, once "
           "they are in, still match the scores, it is the traffic.";
  }
  if (Has(active, "error_rate")) return "Likely cause: the guardrail fails more often.";
  if (OnlyLabels(active)) {
    return "Likely cause: the classifier or the labels changed: scores and decisions look as "
           "before.";
  }
  return "Likely cause: the threshold or the policy was moved: decisions changed and scores did "
         "not.";
}

std::string LabelsSay(const ActiveDrifts& active, Duration quiet) {
  const ActiveDrift* withdrawn = nullptr;
  for (const auto& [key, drift] : active) {
    if (drift.verdict == DriftVerdict::kConfirmed) {
      return " Confirmed by labels at " + FormatRfc3339(drift.judged) +
             ": they match the scores less than before.";
    }
    if (drift.verdict == DriftVerdict::kWithdrawn) withdrawn = &drift;
  }
  const bool all = std::all_of(active.begin(), active.end(), [](const auto& entry) {
    return entry.second.verdict == DriftVerdict::kWithdrawn;
  });
  if (withdrawn == nullptr) return "";
  return std::string(all ? " Withdrawn: " : " In part withdrawn: ") +
         std::to_string(withdrawn->labels) +
         " labels since then match the scores as they did before, so the traffic changed and the "
         "classifier did not." +
         (all ? " Nothing needs to be done; this alert ends by itself at " +
                    FormatRfc3339(withdrawn->judged + quiet) + "."
              : "");
}

std::string NamesOf(const ActiveDrift& drift) {
  std::string names;
  for (std::size_t i = 0; i < std::min(drift.cohorts.size(), kCohortsNamed); ++i) {
    names += (i == 0 ? "" : ", ") + drift.dimension + "=" + drift.cohorts[i].cohort;
  }
  if (drift.cohorts.size() > kCohortsNamed) {
    names += " and " + std::to_string(drift.cohorts.size() - kCohortsNamed) + " more";
  }
  return names;
}

}  // namespace guardwatch
