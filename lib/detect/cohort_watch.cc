#include "detect/cohort_watch.h"

#include "detect/budget.h"
#include "detect/cohort_selection.h"
#include "detect/record.h"

namespace guardwatch {
CohortWatch::CohortWatch(CohortWatchOptions options, double threshold)
    : options_(options), threshold_(AlarmThreshold::Of(threshold)) {}

void CohortWatch::StepCohort(PaneIndex pane, Cohort& cohort, Count count) {
  if (!cohort.evidence) {
    cohort.learner.Add(pane, count);
    if (cohort.learner.Missing()) return;
    cohort.evidence.emplace(cohort.learner.Learn(), options_.direction);
    cohort.learner = BaselineLearner();  // Gives its memory back.
    ++armed_;
    return;
  }
  cohort.evidence->Step(pane, count, threshold_.Cap());
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
  if (!(mixture >= threshold())) return std::nullopt;
  CohortAlarm alarm{pane, mixture, threshold(), Named()};
  Reset(pane);
  return alarm;
}

void CohortWatch::Reset(PaneIndex pane) {
  armed_ = 0;
  for (auto& [name, cohort] : cohorts_) {
    if (!cohort.evidence) continue;
    cohort.evidence->Reset(pane);
    ++armed_;
  }
  threshold_.Reset();
}

void CohortWatch::Forget(std::string_view cohort) {
  if (const auto it = cohorts_.find(cohort); it != cohorts_.end()) cohorts_.erase(it);
}

std::vector<std::string> CohortWatch::Cohorts() const {
  std::vector<std::string> names;
  for (const auto& [name, cohort] : cohorts_) names.push_back(name);
  return names;
}

double CohortWatch::evidence() const {
  double sum = 0;
  for (const auto& [name, cohort] : cohorts_) {
    if (cohort.evidence) sum += cohort.evidence->Mean();
  }
  return armed_ == 0 ? 0.0 : sum / double(armed_);
}

void CohortWatch::Save(ByteWriter& out) const {
  WriteThreshold(out, threshold_);
  out.Varint(armed_);
  out.Varint(cohorts_.size());
  for (const auto& [name, cohort] : cohorts_) {
    out.Text(name);
    out.Bool(cohort.evidence.has_value());
    if (!cohort.evidence) {
      cohort.learner.Save(out);
      continue;
    }
    WriteBaseline(out, cohort.evidence->baseline());
    WriteRateState(out, cohort.evidence->state());
    for (const Since* since : {&cohort.up, &cohort.down}) {
      WriteCount(out, since->count);
      out.Signed(since->panes);
    }
  }
}

bool CohortWatch::Load(ByteReader& in) {
  const double asked = threshold_.next;
  threshold_ = ReadThreshold(in);
  threshold_.Set(asked);  // What the budget says now, under the rule for changes of it.
  armed_ = static_cast<std::size_t>(in.Varint());
  std::size_t armed = 0;
  for (std::size_t left = in.Count(); left > 0; --left) {
    std::string name(in.Text());
    Cohort cohort{BaselineLearner(options_.learning), {}, {}, {}};
    if (in.Bool()) {
      if (!LoadEvidence(in, cohort)) return false;
      ++armed;
    } else {
      cohort.learner.Load(in);
    }
    if (in.bad()) return false;
    cohorts_.emplace(std::move(name), std::move(cohort));
  }
  return !in.bad() && armed <= armed_;
}

bool CohortWatch::LoadEvidence(ByteReader& in, Cohort& cohort) const {
  Baseline baseline = ReadBaseline(in);
  const RateEvidence::State state = ReadRateState(in);
  for (Since* since : {&cohort.up, &cohort.down}) {
    since->count = ReadCount(in);
    since->panes = in.Signed();
  }
  const bool same = baseline.pane_width == options_.learning.pane_width &&
                    baseline.slots == options_.learning.slots;
  if (in.bad() || !same) return false;
  cohort.learner = BaselineLearner();
  cohort.evidence.emplace(std::move(baseline), options_.direction);
  return cohort.evidence->Restore(state);
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
