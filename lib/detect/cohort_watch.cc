#include "detect/cohort_watch.h"

#include <algorithm>
#include <utility>

#include "detect/budget.h"
#include "detect/cohort_selection.h"
#include "detect/record.h"

namespace guardwatch {
namespace {

// A new cohort's rate may differ so much from that of the rest, relatively, without being news.
constexpr double kToleranceBeside = 0.5;

}  // namespace

CohortWatch::CohortWatch(CohortWatchOptions options, double threshold)
    : options_(options), threshold_(AlarmThreshold::Of(threshold)) {}

CohortWatch::Cohort CohortWatch::NewCohort() const {
  const BaselineOptions& learning = options_.learning;
  return {LearningPhase(BaselineLearner(learning), options_.period, learning.pane_width),
          {},
          {},
          {},
          {},
          {}};
}

void CohortWatch::CompareWithRest(Cohort& cohort) {
  cohort.beside.emplace(kLeastLiftOfNewCohorts, options_.direction);
  ++armed_;
}

void CohortWatch::StepCohort(PaneIndex pane, Cohort& cohort, Count count, Count rest) {
  if (!cohort.evidence) {
    using Turn = LearningPhase<BaselineLearner>::Turn;
    const Turn turn = cohort.learning.Step(pane, count.n > 0, count);
    if (turn != Turn::kGoesOn) {
      cohort.evidence.emplace(cohort.learning.Learn(), options_.direction);
      cohort.learning.End(BaselineLearner());
      if (!cohort.beside) ++armed_;
      cohort.beside.reset();
      cohort.up = cohort.down = {};
    }
    if (turn == Turn::kEndsWithThis) return;
  }
  if (!cohort.evidence) {
    if (!cohort.beside) return;
    cohort.beside->Step(pane, count, rest, threshold_.Cap());
  } else {
    cohort.evidence->Step(pane, count, threshold_.Cap());
    if (cohort.own) {
      cohort.evidence->StepOther(*cohort.own, pane, count, threshold_.Cap());
      if (cohort.own->evidence.Mean() < 1) cohort.own.reset();
    }
  }
  const auto update = [&](Since& since, double evidence) {
    if (evidence < 1) {
      since = {};
    } else if (count.n > 0) {
      since.count.n += count.n;
      since.count.s += count.s;
      ++since.panes;
    }
  };
  if (!cohort.evidence) {
    update(cohort.up, cohort.beside->Mean());
    update(cohort.down, cohort.beside->Mean());
    return;
  }
  const RateEvidence::State& own = cohort.own ? *cohort.own : cohort.evidence->state();
  update(cohort.up, cohort.evidence->UpOf(own));
  update(cohort.down, cohort.evidence->DownOf(own));
}

double CohortWatch::EvidenceOf(const Cohort& cohort) {
  if (cohort.evidence) return cohort.evidence->Mean();
  return cohort.beside ? cohort.beside->Mean() : 0.0;
}

double CohortWatch::OwnEvidenceOf(const Cohort& cohort) {
  return cohort.own ? cohort.own->evidence.Mean() : EvidenceOf(cohort);
}

std::optional<CohortAlarm> CohortWatch::Step(PaneIndex pane, std::span<const CohortCount> counts) {
  Count all;
  for (const CohortCount& row : counts) {
    all.n += row.count.n;
    all.s += row.count.s;
  }
  const auto step = [&](const CohortCount& row, Cohort& cohort) {
    StepCohort(pane, cohort, row.count, {all.n - row.count.n, all.s - row.count.s});
  };
  const bool others_are_known = armed_ > 0;
  std::vector<const CohortCount*> too_thin;
  for (const CohortCount& row : counts) {
    auto it = cohorts_.find(row.cohort);
    if (it == cohorts_.end()) {
      it = cohorts_.emplace(row.cohort, NewCohort()).first;
      if (others_are_known) CompareWithRest(it->second);
    } else if (!it->second.evidence && it->second.learning.CameToNothing(pane)) {
      too_thin.push_back(&row);
      continue;
    }
    step(row, it->second);
  }
  for (const CohortCount* row : too_thin) {
    Cohort& cohort = cohorts_.find(row->cohort)->second;
    const auto beside = cohort.beside;
    cohort = NewCohort();
    if (beside) {
      cohort.beside = beside;
    } else if (armed_ > 0) {
      CompareWithRest(cohort);
    }
    step(*row, cohort);
  }
  const double mixture = evidence();
  if (!(mixture >= threshold())) return std::nullopt;
  CohortAlarm alarm{pane, mixture, threshold(), FirstPane(pane), Named()};
  Reset(pane);
  return alarm;
}

PaneIndex CohortWatch::FirstPane(PaneIndex before) const {
  for (const auto& [name, cohort] : cohorts_) {
    if (cohort.evidence) before = std::min(before, cohort.evidence->baseline().first);
  }
  return before;
}

void CohortWatch::Reset(PaneIndex pane) {
  armed_ = 0;
  for (auto& [name, cohort] : cohorts_) {
    if (!Watched(cohort)) continue;
    if (cohort.evidence) {
      if (!cohort.own && cohort.evidence->Mean() >= 1) cohort.own = cohort.evidence->state();
      cohort.evidence->Reset(pane);
    }
    if (cohort.beside) cohort.beside->Reset(pane);
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
    sum += EvidenceOf(cohort);
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
    if (cohort.evidence) {
      WriteBaseline(out, cohort.evidence->baseline());
      WriteRateState(out, cohort.evidence->state());
      out.Bool(cohort.own.has_value());
      if (cohort.own) WriteRateState(out, *cohort.own);
    } else {
      cohort.learning.Save(out);
      out.Bool(cohort.beside.has_value());
      if (cohort.beside) cohort.beside->Save(out);
    }
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
    Cohort cohort = NewCohort();
    if (!LoadCohort(in, cohort)) return false;
    if (Watched(cohort)) ++armed;
    cohorts_.emplace(std::move(name), std::move(cohort));
  }
  return !in.bad() && armed <= armed_;
}

bool CohortWatch::LoadCohort(ByteReader& in, Cohort& cohort) const {
  if (in.Bool()) {
    Baseline baseline = ReadBaseline(in);
    const RateEvidence::State state = ReadRateState(in);
    const bool same = baseline.pane_width == options_.learning.pane_width &&
                      baseline.slots == options_.learning.slots;
    if (in.bad() || !same) return false;
    cohort.learning.End(BaselineLearner());
    cohort.evidence.emplace(std::move(baseline), options_.direction);
    if (!cohort.evidence->Restore(state)) return false;
    if (in.Bool()) cohort.own = ReadRateState(in);
    if (cohort.own && cohort.own->evidence.components != cohort.evidence->alternatives()) {
      return false;
    }
  } else {
    if (!cohort.learning.Load(in)) return false;
    if (in.Bool()) {
      cohort.beside.emplace(kLeastLiftOfNewCohorts, options_.direction);
      if (!cohort.beside->Load(in)) return false;
    }
  }
  for (Since* since : {&cohort.up, &cohort.down}) {
    since->count = ReadCount(in);
    since->panes = in.Signed();
  }
  return !in.bad();
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

NamedCohort CohortWatch::Describe(const std::string& name, const Cohort& cohort) const {
  NamedCohort named;
  named.cohort = name;
  named.evidence = OwnEvidenceOf(cohort);
  if (cohort.evidence) {
    const RateEvidence::State& own = cohort.own ? *cohort.own : cohort.evidence->state();
    named.direction = cohort.evidence->LeadingOf(own);
    named.change_pane = own.evidence.LastQuietPane();
    named.usual = cohort.evidence->baseline().rate;
  } else {
    named.direction = cohort.beside->Leading();
    named.change_pane = cohort.beside->LastQuietPane();
    named.usual = cohort.beside->RateOfB();
  }
  named.since = (named.direction == Direction::kUp ? cohort.up : cohort.down).count;
  return named;
}

bool CohortWatch::MayBeNamed(const Cohort& cohort, const NamedCohort& named,
                             const BetaPrior& prior) const {
  CohortChange change;
  change.direction = named.direction;
  change.since = named.since;
  change.panes = (named.direction == Direction::kUp ? cohort.up : cohort.down).panes;
  if (cohort.evidence) {
    const Baseline& baseline = cohort.evidence->baseline();
    change.usual_rate = baseline.rate;
    change.null = baseline.NullAt(named.change_pane);
  } else {
    const double events = std::max<double>(1, double(cohort.beside->EventsOfB()));
    change.usual_rate = cohort.beside->RateOfB();
    change.null = MakeNullInterval(events, events * change.usual_rate, kToleranceBeside);
  }
  return EnoughToName(change, prior);
}

std::vector<NamedCohort> CohortWatch::Named() const {
  std::vector<const std::pair<const std::string, Cohort>*> watched;
  std::vector<double> evidence;
  for (const auto& entry : cohorts_) {
    if (!Watched(entry.second)) continue;
    watched.push_back(&entry);
    evidence.push_back(OwnEvidenceOf(entry.second));
  }
  const auto prior = Prior();
  std::vector<NamedCohort> all;
  if (!prior) return all;
  const double epoch_steps = StepsPerHorizon(options_.learning.pane_width);
  for (const std::size_t i : SelectByEvidence(evidence, epoch_steps, options_.level)) {
    NamedCohort named = Describe(watched[i]->first, watched[i]->second);
    if (MayBeNamed(watched[i]->second, named, *prior)) all.push_back(std::move(named));
  }
  return all;
}

}  // namespace guardwatch
