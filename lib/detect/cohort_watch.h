#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/boxed.h"
#include "detect/alarm_threshold.h"
#include "detect/baseline.h"
#include "detect/learning_phase.h"
#include "detect/minimum_evidence.h"
#include "detect/rate_evidence.h"
#include "detect/two_sample.h"

namespace guardwatch {

struct CohortWatchOptions {
  // Cohorts are thin: panes of 10 min, of which 200 (33 h) make a baseline.
  BaselineOptions learning{.pane_width = std::chrono::minutes(10), .fewest_panes = 200};
  LearningPeriod period{};  // Cohorts with too little in it are new after it.
  Direction direction = Direction::kBoth;
  double level = 0.1;  // Expected share of false names.
};

// A cohort that appears where others have their baselines is compared with these, while it learns
// its own: differences from the odds times this on count. Cohorts do differ a little.
inline constexpr double kLeastLiftOfNewCohorts = 2.25;

struct CohortCount {
  std::string cohort;
  Count count;
};

struct NamedCohort {
  std::string cohort;
  Direction direction = Direction::kUp;
  double evidence = 0;
  double usual = 0;  // Its rate before, or that of the others if it is new.
  Count since;       // Events since the change, and the estimate of when it was:
  PaneIndex change_pane = 0;
};

struct CohortAlarm {
  PaneIndex pane = 0;
  double evidence = 0;  // Of the mixture.
  double threshold = 0;
  PaneIndex first = 0;               // The first that any of the cohorts was learned from.
  std::vector<NamedCohort> cohorts;  // Most evidence first; empty if none stands out alone.
};

// The values of one dimension (or all cohorts of a unit) for one statistic. Whether something
// changed is decided on the mean of all cohorts' evidence, which is evidence itself, so the
// threshold keeps its promise however many cohorts there are and however they depend on each other;
// one bad cohort among K pays ln K. Which ones changed is answered by SelectByEvidence and
// EnoughToName, on evidence that alarms of the mixture do not set back: a large cohort that alarms
// again and again would hide the others for as long.
class CohortWatch {
 public:
  CohortWatch(CohortWatchOptions options, double threshold);

  // One sealed pane: the cohorts that had events. New ones learn first, beside the rest if that is
  // known. After an alarm the mixture's evidence starts again at 0.
  std::optional<CohortAlarm> Step(PaneIndex pane, std::span<const CohortCount> counts);

  // Frees what is kept of a cohort that is gone. Its weight stays with it until the next alarm:
  // giving it to others under evidence that was gathered before would break the promise.
  void Forget(std::string_view cohort);
  std::vector<std::string> Cohorts() const;

  // As those of StreamWatch.
  void Save(ByteWriter& out) const;
  bool Load(ByteReader& in);

  // When the budget is shared anew; see AlarmThreshold.
  void SetThreshold(double threshold) { threshold_.Set(threshold); }

  double evidence() const;  // Of the mixture.
  double threshold() const { return threshold_.now; }
  std::vector<NamedCohort> Named() const;       // As of now, alarm or not.
  PaneIndex FirstPane(PaneIndex before) const;  // Of all that is known; `before` if nothing is.
  std::size_t armed() const { return armed_; }  // The number that weights are shared by.
  std::size_t size() const { return cohorts_.size(); }

 private:
  struct Since {
    Count count;
    std::int64_t panes = 0;
  };
  // There are thousands, and most have one of what is boxed, or none.
  struct Cohort {
    LearningPhase<BaselineLearner> learning;
    Boxed<RateEvidence> evidence;
    Boxed<TwoSampleEvidence> beside;  // The rest, while there is no baseline.
    // To be named by, after an alarm of the mixture; until then, and when it has fallen below 1, it
    // is `evidence` itself.
    Boxed<RateEvidence::State> own;
    // Since the evidence of a rise was last below 1. An alarm does not end it: a change that alarms
    // in its first pane could not be named otherwise.
    Since up;
    Since down;
  };

  void Reset(PaneIndex pane);
  Cohort NewCohort() const;
  void CompareWithRest(Cohort& cohort);
  void StepCohort(PaneIndex pane, Cohort& cohort, Count count, Count rest);
  static bool Watched(const Cohort& cohort) {
    return cohort.evidence.has_value() || cohort.beside.has_value();
  }
  static double EvidenceOf(const Cohort& cohort);
  static double OwnEvidenceOf(const Cohort& cohort);
  NamedCohort Describe(const std::string& name, const Cohort& cohort) const;
  bool MayBeNamed(const Cohort& cohort, const NamedCohort& named, const BetaPrior& prior) const;
  std::optional<BetaPrior> Prior() const;
  bool LoadCohort(ByteReader& in, Cohort& cohort) const;

  CohortWatchOptions options_;
  AlarmThreshold threshold_;
  std::map<std::string, Cohort, std::less<>> cohorts_;  // In a fixed order of summation.
  std::size_t armed_ = 0;                               // Falls at alarms only.
};

}  // namespace guardwatch
