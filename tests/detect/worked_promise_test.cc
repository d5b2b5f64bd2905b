// The rows of the promise that need more than one stream, in short, and that the check can fail.

#include <cmath>

#include <gtest/gtest.h>

#include "detect/budget.h"
#include "detect/cohort_watch.h"
#include "detect/stream_detector.h"
#include "simulate_trials.h"

namespace guardwatch {
namespace {

constexpr double kBudget = 30;  // In 30 days: large enough to count alarms.

TEST(PromiseInShortTest, HoldsWithADailyRhythmAndHourlySlots) {
  TrialOptions options;
  options.stream.daily = .3;
  options.detector.false_alarms_per_30d = kBudget;
  options.detector.slots = SlotScheme::kHourOfDay;
  options.reference_panes = 3 * 8640;
  options.runs = 4;
  options.seed = 23;
  const TrialResult result = RunTrials(options);
  EXPECT_LE(PoissonUpper(result.false_alarms, .05) / options.runs, kBudget) << "seed 23";
}

// 50 cohorts, each with six statistics, watched for a month after 33 h of learning.
TEST(PromiseInShortTest, HoldsForManyCohortsAndStatistics) {
  constexpr std::uint64_t kSeed = 29;
  constexpr PaneIndex kLearned = 200;
  constexpr PaneIndex kMonth = 4320;
  const BudgetShares budget(kBudget, {1, 6, 1, true});
  const double threshold = budget.Threshold(budget.Cohorts(), std::chrono::minutes(10));
  Random random(kSeed);
  std::int64_t alarms = 0;
  for (const double rate : {.002, .01, .02, .05, .1, .3}) {
    CohortWatch watch({}, threshold);
    std::vector<CohortCount> counts;
    for (int c = 0; c < 50; ++c) counts.push_back({std::to_string(c), {}});
    for (PaneIndex pane = 0; pane < kLearned + kMonth; ++pane) {
      for (std::size_t c = 0; c < counts.size(); ++c) {
        const std::int64_t n = 1'000 / std::int64_t(c + 1) + 5;
        counts[c].count = {n, random.Binomial(n, rate)};
      }
      alarms += watch.Step(pane, counts) ? 1 : 0;
    }
  }
  EXPECT_LE(PoissonUpper(alarms, .05), kBudget) << "seed " << kSeed;
}

// Half of the budget is the cohorts', so the check above is not met by never alarming: what takes
// bursts for independent events and the reference rate for the truth fails it.
TEST(PromiseInShortTest, IsBrokenByADetectorThatTakesBurstsForIndependentEvents) {
  constexpr std::uint64_t kSeed = 31;
  StreamOptions bursts;
  bursts.dispersion = 4;
  SimulatedStream stream(bursts, kSeed);
  BaselineOptions naive;
  naive.least_tolerance = 0;
  naive.slow_sds = 0;
  BaselineLearner learner(naive);
  PaneIndex pane = 0;
  for (; pane < 12'000; ++pane) learner.Add(pane, stream.Next(pane));
  Baseline baseline = learner.Learn();
  baseline.tempering = 1;
  baseline.null = {{baseline.rate, baseline.rate}};
  StreamDetector detector(baseline, BudgetShares(kBudget).Threshold(1));
  std::int64_t alarms = 0;
  for (PaneIndex end = pane + 259'200; pane < end; ++pane) {
    alarms += detector.Step(pane, stream.Next(pane)) ? 1 : 0;
  }
  EXPECT_GT(PoissonLower(alarms, .05), kBudget) << "seed " << kSeed;
}

}  // namespace
}  // namespace guardwatch
