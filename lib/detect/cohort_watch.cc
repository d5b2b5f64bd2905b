#include "detect/cohort_watch.h"

#include <algorithm>

#include "base/check.h"
#include "detect/budget.h"
#include "detect/cohort_selection.h"

namespace guardwatch {
namespace {

// Beyond this many thresholds a cohort alone raises the alarm among a million.
constexpr double kCapInThresholds = 1e6;

}  // namespace

CohortWatch::CohortWatch(CohortWatchOptions options, double threshold)
    : options_(options), threshold_(threshold), next_threshold_(threshold) {
  GUARDWATCH_CHECK(threshold > 0);
}

void CohortWatch::SetThreshold(double threshold) {
  GUARDWATCH_CHECK(threshold > 0);
  next_threshold_ = threshold;
  threshold_ = std::max(threshold_, threshold);
}

void CohortWatch::StepCohort(PaneIndex pane, Cohort& cohort, Count count) {
  if (!cohort.evidence) {
    cohort.learner.Add(pane, count);
    if (cohort.learner.Missing()) return;
    cohort.evidence.emplace(cohort.learner.Learn(), options_.direction);
    cohort.learner = BaselineLearner();  // Gives its memory back.
    ++armed_;
    return;
  }
  cohort.evidence->Step(pane, count, kCapInThresholds * threshold_);
  const auto update = [&](Since& since, double evidence) {
    if (evidence < 1) {
      since = {};
    } else if (count.n > 0) {
      since.count.n += count.n;
      since.count.s += count.s;
      ++since.panes;
    }
  };
  update(cohort.up, cohort.evidence->Up());
  update(cohort.down, cohort.evidence->Down());
}

std::optional<CohortAlarm> CohortWatch::Step(PaneIndex pane, std::span<const CohortCount> counts) {
  for (const CohortCount& row : counts) {
    auto it = cohorts_.find(row.cohort);
    if (it == cohorts_.end()) {
      it = cohorts_.emplace(row.cohort, Cohort{BaselineLearner(options_.learning), {}, {}, {}})
               .first;
    }
    StepCohort(pane, it->second, row.count);
  }
  const double mixture = evidence();
  if (!(mixture >= threshold_)) return std::nullopt;
  CohortAlarm alarm{pane, mixture, threshold_, Named()};
  for (auto& [name, cohort] : cohorts_) {
    if (cohort.evidence) cohort.evidence->Reset(pane);
    cohort.up = cohort.down = {};
  }
  threshold_ = next_threshold_;
  return alarm;
}

double CohortWatch::evidence() const {
  double sum = 0;
  for (const auto& [name, cohort] : cohorts_) {
    if (cohort.evidence) sum += cohort.evidence->Mean();
  }
  return armed_ == 0 ? 0.0 : sum / double(armed_);
}

// How the usual rates of cohorts differ.
std::optional<BetaPrior> CohortWatch::Prior() const {
  std::vector<Count> usual;
  for (const auto& [name, cohort] : cohorts_) {
    if (cohort.evidence) usual.push_back(cohort.evidence->baseline().total);
  }
  if (usual.empty()) return std::nullopt;
  return EstimatePrior(usual);
}

std::vector<NamedCohort> CohortWatch::Named() const {
  std::vector<const std::pair<const std::string, Cohort>*> armed;
  std::vector<double> evidence;
  for (const auto& entry : cohorts_) {
    if (!entry.second.evidence) continue;
    armed.push_back(&entry);
    evidence.push_back(entry.second.evidence->Mean());
  }
  const auto prior = Prior();
  std::vector<NamedCohort> named;
  const double epoch_steps = StepsPerHorizon(options_.learning.pane_width);
  for (const std::size_t i : SelectByEvidence(evidence, epoch_steps, options_.level)) {
    const Cohort& cohort = armed[i]->second;
    const RateEvidence& of = *cohort.evidence;
    const Direction direction = of.Leading();
    const Since& since = direction == Direction::kUp ? cohort.up : cohort.down;
    const CohortChange change{direction,          since.count,
                              since.panes,        std::nullopt,
                              of.baseline().rate, of.baseline().NullAt(of.LastQuietPane())};
    if (!EnoughToName(change, *prior)) continue;
    named.push_back({armed[i]->first, direction, evidence[i], since.count, of.LastQuietPane()});
  }
  return named;
}

}  // namespace guardwatch
