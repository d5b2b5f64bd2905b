#include "monitor/drift_cause.h"

#include <algorithm>

#include "base/rfc3339.h"

namespace guardwatch {
namespace {

// An epoch this much before the estimated change may have caused it; after it a little more, since
// evidence that had begun by chance makes the estimate early.
constexpr Duration kBefore = std::chrono::hours(1);
constexpr Duration kAfter = std::chrono::hours(6);
constexpr std::size_t kCohortsNamed = 3;

bool Has(const ActiveDrifts& active, std::string_view stream) {
  return std::any_of(active.begin(), active.end(),
                     [&](const auto& entry) { return entry.second.stream == stream; });
}

bool OnlyQuality(const ActiveDrifts& active) {
  return std::all_of(active.begin(), active.end(),
                     [](const auto& entry) { return IsQuality(entry.second.stream); });
}

LikelyCause CauseByEpoch(const EpochEvent& epoch) {
  const std::string change = epoch.from + " to " + epoch.to + " at " + FormatRfc3339(epoch.at);
  switch (epoch.field) {
    case EpochTally::Field::kModelVersion:
      return {"the classifier changed: its model version went from " + change + ".",
              "confirm that it was meant to decide otherwise; if not, roll back to " + epoch.from +
                  "."};
    case EpochTally::Field::kPolicyVersion:
      return {"the policy changed, from " + change + ".",
              "confirm that this was intended; if not, restore policy " + epoch.from + "."};
    case EpochTally::Field::kThreshold:
      break;
  }
  return {"the threshold was moved, from " + change + ".",
          "confirm that this was intended; if not, restore the threshold " + epoch.from + "."};
}

LikelyCause CauseByCohorts(const ActiveDrifts& active, const ActiveDrift& leading) {
  const bool wrong = Has(active, kCalibration) || Has(active, "false_positive_rate") ||
                     Has(active, "precision") || Has(active, "recall");
  const std::string names = NamesOf(leading);
  return {"traffic with " + names + ", which changed most" +
              (wrong ? "; labels disagree with the scores more than before, so the classifier may "
                       "be wrong there."
                     : "."),
          "read requests with " + names + "; if they are genuine, tell the model's owner."};
}

LikelyCause CauseByLabels(bool scores_moved) {
  if (scores_moved) {
    return {"the classifier changed: its scores moved and no longer match the labels.",
            "roll back the classifier, or tell the model's owner."};
  }
  return {
      "the classifier changed or labels mean something else now: scores are distributed as "
      "before, but labels agree with them less.",
      "ask the reviewers whether labels mean what they did; if so, roll back the classifier."};
}

}  // namespace

const EpochEvent* NearestEpoch(const SourceMonitor& source, const UnitKey& unit, Variant variant,
                               EventTime changed, EventTime raised) {
  const EpochEvent* nearest = nullptr;
  for (const EpochEvent& event : source.epochs().events()) {
    if (event.unit != unit || event.variant != variant) continue;
    if (event.at < changed - kBefore || event.at > std::min(raised, changed + kAfter)) continue;
    const auto distance = [&](const EpochEvent& of) { return std::chrono::abs(of.at - changed); };
    // Of those of one moment the threshold tells most.
    const bool closer =
        nearest == nullptr || distance(event) < distance(*nearest) ||
        (distance(event) == distance(*nearest) && event.field == EpochTally::Field::kThreshold);
    if (closer) nearest = &event;
  }
  return nearest;
}

LikelyCause CauseOf(const ActiveDrifts& active, const ActiveDrift& leading,
                    const EpochEvent* epoch) {
  if (epoch != nullptr) return CauseByEpoch(*epoch);
  if (!leading.cohorts.empty()) return CauseByCohorts(active, leading);
  const bool scores_moved = Has(active, kScoreDistribution) || Has(active, kBandShare);
  const bool scores_wrong = Has(active, kCalibration) || Has(active, kLogLoss) ||
                            Has(active, kBrier) || Has(active, kRocAuc);
  if (scores_wrong) return CauseByLabels(Has(active, kScoreDistribution));
  const bool withdrawn = std::any_of(active.begin(), active.end(), [](const auto& entry) {
    return entry.second.verdict == DriftVerdict::kWithdrawn;
  });
  if (scores_moved && withdrawn) {
    return {"the traffic changed: scores moved, and labels match them as before.", ""};
  }
  if (scores_moved) {
    return {
        "the traffic or the classifier changed: scores moved. If labels, once they are in, "
        "still match the scores, it is the traffic.",
        "check for new senders; if there are none, roll back the classifier."};
  }
  if (Has(active, "error_rate")) {
    return {"the guardrail fails more often.", "look for errors and time-outs of the guardrail."};
  }
  if (OnlyQuality(active)) {
    return {"the classifier or the labels changed: scores and decisions look as before.",
            "ask the reviewers whether labels mean what they did; if so, roll back the "
            "classifier."};
  }
  return {"the threshold or the policy was moved: decisions changed and scores did not.",
          "find out which of both are in force; unless the change was intended, restore the old "
          "ones."};
}

LikelyCause CauseOfOutage() {
  return {"labels stopped or are late; scores and decisions do not need them.",
          "check the label topic and the reviewers. Until labels are back, recall and calibration "
          "are blind."};
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
