// Many cohorts at once: whether something changed, and which of them.

#include <algorithm>
#include <cmath>
#include <iostream>
#include <set>

#include "detect/budget.h"
#include "detect/cohort_selection.h"
#include "detect/cohort_watch.h"
#include "detect/stream_detector.h"
#include "detection.h"
#include "simulate_random.h"

namespace guardwatch {
namespace {

constexpr Duration kCohortPane = std::chrono::minutes(10);
constexpr double kEventsPerCohortPane = 60'000;  // 100 a second.
constexpr PaneIndex kLearned = 200;
constexpr PaneIndex kMonth = 4320;
constexpr double kBudget = 30;

// Cohorts whose traffic falls with their rank to the power -.7: of 2 000, the first has 1 100
// events per pane, the last 5.
class Fleet {
 public:
  Fleet(int cohorts, std::uint64_t seed) : random_(seed) {
    double sum = 0;
    for (int rank = 1; rank <= cohorts; ++rank) sum += std::pow(rank, -.7);
    for (int rank = 1; rank <= cohorts; ++rank) {
      events_.push_back(std::llround(kEventsPerCohortPane * std::pow(rank, -.7) / sum));
      counts_.push_back({std::to_string(rank), {}});
    }
  }

  // One pane. `rate_of(i)` is the rate of cohort i, which has rank i + 1.
  template <class RateOf>
  std::span<const CohortCount> Pane(RateOf rate_of) {
    for (std::size_t i = 0; i < events_.size(); ++i) {
      counts_[i].count = {events_[i], random_.Binomial(events_[i], rate_of(i))};
    }
    return counts_;
  }
  std::span<const CohortCount> Pane(double rate) {
    return Pane([rate](std::size_t) { return rate; });
  }

  std::int64_t events(std::size_t i) const { return events_[i]; }

 private:
  Random random_;
  std::vector<std::int64_t> events_;
  std::vector<CohortCount> counts_;
};

Count Total(std::span<const CohortCount> counts) {
  Count total;
  for (const CohortCount& one : counts) {
    total.n += one.count.n;
    total.s += one.count.s;
  }
  return total;
}

// One statistic of a unit, overall and by cohort. The whole traffic steps on the panes of its
// cohorts here, which is what makes months of it affordable.
class Statistic {
 public:
  Statistic(double rate, const BudgetShares& budget)
      : rate_(rate),
        cohorts_({}, budget.Threshold(budget.Cohorts(), kCohortPane)),
        overall_threshold_(budget.Threshold(budget.Overall(), kCohortPane)) {}

  std::int64_t Step(PaneIndex pane, Fleet& fleet) {
    const auto counts = fleet.Pane(rate_);
    std::int64_t alarms = cohorts_.Step(pane, counts) ? 1 : 0;
    if (pane < kLearned) {
      learner_.Add(pane, Total(counts));
      return alarms;
    }
    if (!overall_) overall_.emplace(learner_.Learn(), overall_threshold_);
    return alarms + (overall_->Step(pane, Total(counts)) ? 1 : 0);
  }

 private:
  double rate_;
  CohortWatch cohorts_;
  double overall_threshold_;
  BaselineLearner learner_{{.pane_width = kCohortPane}};
  std::optional<StreamDetector> overall_;
};

CohortWatch Learned(Fleet& fleet, double threshold) {
  CohortWatch watch({}, threshold);
  for (PaneIndex pane = 0; pane < kLearned; ++pane) watch.Step(pane, fleet.Pane(.02));
  return watch;
}

// As the watch's own baseline of that cohort would be on average.
std::optional<double> Formula(const Fleet& fleet, std::size_t cohort, std::size_t cohorts,
                              double threshold) {
  BaselineOptions options{.pane_width = kCohortPane};
  const double n = double(fleet.events(cohort));
  const NullInterval null =
      MakeNullInterval(n * double(kLearned), .02 * n * double(kLearned), options.least_tolerance);
  return ExpectedDelay(.04, null, {threshold * double(cohorts), 16, options.tempering_margin, n});
}

constexpr int kNamedFrom = 2000;
constexpr std::size_t kChangedEvery = 20;  // Each twentieth changes: 100 of them, of all sizes.

// The share of healthy cohorts among those that are named, and which are found.
struct Names {
  std::set<std::string> healthy;
  std::set<std::string> changed;
  double worst_share = 0;
  double share_sum = 0;
  std::int64_t lists = 0;

  void Add(const std::vector<std::string>& named) {
    if (named.empty()) return;
    double wrong = 0;
    for (const std::string& one : named) {
      const bool is_changed = (std::stoul(one) - 1) % kChangedEvery == 0;
      (is_changed ? changed : healthy).insert(one);
      wrong += is_changed ? 0 : 1;
    }
    const double share = wrong / double(named.size());
    worst_share = std::max(worst_share, share);
    share_sum += share;
    ++lists;
  }
  double MeanShare() const { return lists == 0 ? 0 : share_sum / double(lists); }
};

std::vector<std::string> NamesOf(const std::vector<NamedCohort>& cohorts) {
  std::vector<std::string> names;
  for (const NamedCohort& one : cohorts) names.push_back(one.cohort);
  return names;
}

// The evidence of every cohort, never reset, and what is selected by it alone.
class EvidenceOfAll {
 public:
  explicit EvidenceOfAll(Fleet& fleet) {
    std::vector<BaselineLearner> learners(kNamedFrom, BaselineLearner({.pane_width = kCohortPane}));
    for (PaneIndex pane = 0; pane < kLearned; ++pane) {
      const auto counts = fleet.Pane(.02);
      for (std::size_t i = 0; i < counts.size(); ++i) learners[i].Add(pane, counts[i].count);
    }
    for (const BaselineLearner& learner : learners) evidence_.emplace_back(learner.Learn());
  }

  void Step(PaneIndex pane, std::span<const CohortCount> counts) {
    for (std::size_t i = 0; i < counts.size(); ++i) evidence_[i].Step(pane, counts[i].count, 1e200);
  }

  std::vector<std::string> Selected() const {
    std::vector<double> values;
    for (const RateEvidence& one : evidence_) values.push_back(one.Mean());
    std::vector<std::string> names;
    for (const std::size_t i : SelectByEvidence(values, StepsPerHorizon(kCohortPane))) {
      names.push_back(std::to_string(i + 1));
    }
    return names;
  }

 private:
  std::vector<RateEvidence> evidence_;
};

}  // namespace

void MeasureCohortPromise(const DetectionArguments& arguments, DetectionRows& rows) {
  constexpr int kCohorts = 200;
  constexpr double kRates[] = {.002, .01, .02, .05, .1, .3};
  const BudgetShares budget(kBudget, {1, 6, 1, true});
  DetectionRow row{"Against the promise: 30 false alarms in 30 days",
                   "200 cohorts x 6 statistics",
                   "10 min panes",
                   0,
                   double(arguments.months),
                   "30 d",
                   {},
                   {}};
  for (int month = 0; month < arguments.months; ++month) {
    Fleet fleet(kCohorts, arguments.seed * 7'919 + std::uint64_t(month));
    for (const double rate : kRates) {
      Statistic statistic(rate, budget);
      for (PaneIndex pane = 0; pane < kLearned + kMonth; ++pane) {
        row.false_alarms += statistic.Step(pane, fleet);
      }
    }
  }
  rows.push_back(std::move(row));
}

void MeasureCohortDelays(const DetectionArguments& arguments, DetectionRows& rows) {
  constexpr int kCohorts = 2000;
  constexpr PaneIndex kLongest = 1000;
  const BudgetShares budget(1, {1, 1, 1, true});
  const double threshold = budget.Threshold(budget.Cohorts(), kCohortPane);
  DetectionRow row{"One cohort of 2 000 goes from .02 to .04: events of that cohort",
                   "10 min panes, budget 1 in 30 d",
                   "",
                   0,
                   0,
                   "",
                   {},
                   {}};
  for (const std::size_t cohort : {0u, 9u, 99u}) {
    ChangeDelays delays{"rank " + std::to_string(cohort + 1), {}, 0, std::nullopt};
    for (int trial = 0; trial < std::max(arguments.trials / 5, 1); ++trial) {
      Fleet fleet(kCohorts, arguments.seed * 104'729 + std::uint64_t(trial));
      delays.formula = Formula(fleet, cohort, kCohorts, threshold);
      CohortWatch watch = Learned(fleet, threshold);
      PaneIndex pane = kLearned;
      bool alarmed = false;
      for (; !alarmed && pane < kLearned + kLongest; ++pane) {
        alarmed =
            watch
                .Step(pane, fleet.Pane([cohort](std::size_t i) { return i == cohort ? .04 : .02; }))
                .has_value();
      }
      if (alarmed) {
        delays.events.push_back((pane - kLearned) * fleet.events(cohort));
      } else {
        ++delays.missed;
      }
    }
    row.delays.push_back(std::move(delays));
  }
  rows.push_back(std::move(row));
}

void MeasureNames(const DetectionArguments& arguments, DetectionRows& rows) {
  const BudgetShares budget(1, {1, 1, 1, true});
  const double promised = budget.Threshold(budget.Cohorts(), kCohortPane);
  const int months = std::max(arguments.months / 10, 1);
  const auto measure = [&](const char* how, auto make) {
    Names names;
    double found = 0;
    double healthy = 0;
    for (int month = 0; month < months; ++month) {
      std::cerr << "  " << how << ", month " << month + 1 << " of " << months << '\n';
      Fleet fleet(kNamedFrom, arguments.seed * 15'485'863 + std::uint64_t(month));
      Names of_month;
      auto watch = make(fleet);
      for (PaneIndex pane = kLearned; pane < kLearned + kMonth; ++pane) {
        const bool change = pane >= kLearned + kMonth / 2;
        const auto counts = fleet.Pane(
            [change](std::size_t i) { return change && i % kChangedEvery == 0 ? .04 : .02; });
        const std::vector<std::string> named = watch(pane, counts);
        names.Add(named);
        of_month.Add(named);
      }
      found += double(of_month.changed.size()) / months;
      healthy += double(of_month.healthy.size()) / months;
    }
    rows.push_back({"Which of 2 000 cohorts: 100 of them go from .02 to .04 at mid-month",
                    how,
                    std::to_string(months) + " months, at most 10 % false names promised",
                    0,
                    0,
                    "",
                    {},
                    {{"lists of names", double(names.lists)},
                     {"mean share of false names", names.MeanShare()},
                     {"worst share in one list", names.worst_share},
                     {"changed cohorts named, of 100", found},
                     {"healthy cohorts ever named, of 1 900", healthy}}});
  };
  measure("by evidence alone, every hour", [](Fleet& fleet) {
    return [watch = EvidenceOfAll(fleet)](PaneIndex pane, auto counts) mutable {
      watch.Step(pane, counts);
      return pane % 6 == 0 ? watch.Selected() : std::vector<std::string>{};
    };
  });
  measure("by evidence and the rule of least evidence, every hour", [](Fleet& fleet) {
    return [watch = Learned(fleet, 1e200)](PaneIndex pane, auto counts) mutable {
      watch.Step(pane, counts);
      return pane % 6 == 0 ? NamesOf(watch.Named()) : std::vector<std::string>{};
    };
  });
  measure("at alarms", [promised](Fleet& fleet) {
    return [watch = Learned(fleet, promised)](PaneIndex pane, auto counts) mutable {
      const auto alarm = watch.Step(pane, counts);
      return alarm ? NamesOf(alarm->cohorts) : std::vector<std::string>{};
    };
  });
}

}  // namespace guardwatch
