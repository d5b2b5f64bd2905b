#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "detect/budget.h"
#include "detect/cohort_selection.h"
#include "detect/cohort_watch.h"
#include "simulate_random.h"

namespace guardwatch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(CohortSelectionTest, WorkedExampleOfTenEValues) {
  const double evidence[] = {5000, 900, 400, 60, 3, 1, .5, .2, .1, .05};
  EXPECT_THAT(SelectByEvidence(evidence, 1, .05), ElementsAre(0, 1, 2, 3));
}

TEST(CohortSelectionTest, AWeakerOneIsCarriedByStrongerOnes) {
  // Thresholds of two at level .1 are 20 and 10.
  const double alone[] = {12, 1};
  const double together[] = {12, 11};
  EXPECT_THAT(SelectByEvidence(alone, 1, .1), IsEmpty());
  EXPECT_THAT(SelectByEvidence(together, 1, .1), ElementsAre(0, 1));
}

TEST(CohortSelectionTest, DetectorValuesAreDividedByTheEpoch) {
  const double evidence[] = {7, 4320.0 * 2 / .1, 3};
  EXPECT_THAT(SelectByEvidence({evidence, 2}, 4320, .1), ElementsAre(1));
  EXPECT_THAT(SelectByEvidence({evidence, 3}, 4320, .1), IsEmpty());
  EXPECT_THAT(SelectByEvidence({}, 4320, .1), IsEmpty());
}

CohortChange Rise(Count since) {
  return {Direction::kUp, since, 3, std::nullopt, .02, {.018, .022}};
}

TEST(MinimumEvidenceTest, AsksForEventsPanesSessionsAndDistance) {
  const BetaPrior prior{2, 98, 1.0 / 101};
  EXPECT_TRUE(EnoughToName(Rise({200, 20}), prior));
  EXPECT_FALSE(EnoughToName(Rise({49, 20}), prior));
  EXPECT_FALSE(EnoughToName(Rise({60, 4}), prior));
  EXPECT_FALSE(EnoughToName(Rise({500, 13}), prior));  // 2.6 %, shrunk: 1.5 % is possible.
  CohortChange change = Rise({200, 20});
  change.panes = 1;
  EXPECT_FALSE(EnoughToName(change, prior));
  change.panes = 2;
  change.sessions = 2;
  EXPECT_FALSE(EnoughToName(change, prior));
  change.sessions = 3;
  EXPECT_TRUE(EnoughToName(change, prior));
}

TEST(MinimumEvidenceTest, AFallMayShowInEventsThatDidNotCome) {
  const BetaPrior prior{2, 98, 1.0 / 101};
  CohortChange change = Rise({1000, 2});
  change.direction = Direction::kDown;
  EXPECT_TRUE(EnoughToName(change, prior));
}

constexpr std::uint64_t kSeed = 3;
constexpr PaneIndex kLearned = 200;

// 40 cohorts of 40 to 120 events per pane at 5 %; from `change` on, three of them at 15 %.
class Fleet {
 public:
  std::vector<CohortCount> Pane(PaneIndex pane, PaneIndex change) {
    std::vector<CohortCount> counts;
    for (int c = 0; c < 40; ++c) {
      const std::int64_t n = 40 + 2 * c;
      const double rate = pane >= change && c % 15 == 7 ? .15 : .05;
      counts.push_back({"c" + std::to_string(c), {n, random_.Binomial(n, rate)}});
    }
    return counts;
  }

 private:
  Random random_{kSeed};
};

double Threshold() {
  const BudgetShares shares(1, {1, 1, 1, true});
  return shares.Threshold(shares.Cohorts(), std::chrono::minutes(10));
}

TEST(CohortWatchTest, SaysWhetherAndWhich) {
  CohortWatch watch({}, Threshold());
  Fleet fleet;
  const PaneIndex change = kLearned + 500;
  std::optional<CohortAlarm> alarm;
  PaneIndex pane = 0;
  for (; pane < change; ++pane) {
    ASSERT_EQ(watch.Step(pane, fleet.Pane(pane, change)), std::nullopt) << "seed " << kSeed;
  }
  EXPECT_EQ(watch.armed(), 40u);
  for (; !alarm && pane < change + 100; ++pane) alarm = watch.Step(pane, fleet.Pane(pane, change));
  ASSERT_TRUE(alarm) << "seed " << kSeed;
  ASSERT_FALSE(alarm->cohorts.empty()) << "seed " << kSeed;
  for (const NamedCohort& named : alarm->cohorts) {
    EXPECT_THAT(named.cohort, testing::AnyOf("c7", "c22", "c37"));
    EXPECT_EQ(named.direction, Direction::kUp);
    EXPECT_NEAR(double(named.change_pane), double(change), 4);
    EXPECT_GT(named.since.n, 50);
  }
  EXPECT_EQ(watch.evidence(), 0);
}

// The large one alarms again and again, and each alarm sets the mixture's evidence back.
TEST(CohortWatchTest, ALargeCohortThatKeepsAlarmingDoesNotHideTheOthers) {
  CohortWatch watch({}, Threshold());
  Random random(kSeed);
  const auto pane_of = [&](double large, double others) {
    std::vector<CohortCount> counts{{"large", {2000, random.Binomial(2000, large)}}};
    for (int i = 0; i < 100; ++i) {
      counts.push_back({"c" + std::to_string(i), {100, random.Binomial(100, others)}});
    }
    return counts;
  };
  PaneIndex pane = 0;
  for (; pane < kLearned + 10; ++pane) {
    ASSERT_EQ(watch.Step(pane, pane_of(.05, .05)), std::nullopt) << "seed " << kSeed;
  }
  int alarms = 0;
  std::vector<NamedCohort> named;
  for (const PaneIndex end = pane + 60; pane < end; ++pane) {
    const auto alarm = watch.Step(pane, pane_of(.2, .1));
    if (!alarm) continue;
    ++alarms;
    named = alarm->cohorts;
  }
  EXPECT_GE(alarms, 5) << "seed " << kSeed;
  EXPECT_GE(named.size(), 95u) << "seed " << kSeed;
  // What is over is not named any more.
  for (const PaneIndex end = pane + 300; pane < end; ++pane) watch.Step(pane, pane_of(.05, .05));
  EXPECT_THAT(watch.Named(), IsEmpty()) << "seed " << kSeed;
}

TEST(CohortWatchTest, NewCohortsLowerTheMixtureNeverRaiseIt) {
  CohortWatch watch({}, 1e12);
  Fleet fleet;
  PaneIndex pane = 0;
  for (; pane < 220; ++pane) watch.Step(pane, fleet.Pane(pane, 210));
  const double before = watch.evidence();
  for (; pane < 420; ++pane) {
    const CohortCount newcomer{"new", {100, pane % 2 ? 4 : 6}};
    watch.Step(pane, {&newcomer, 1});
  }
  EXPECT_EQ(watch.armed(), 41u);
  EXPECT_NEAR(watch.evidence(), before * 40 / 41, 1e-9 * before);
}

TEST(CohortWatchTest, AForgottenCohortLeavesItsWeightBehindUntilTheNextAlarm) {
  CohortWatch watch({}, 1e5);
  Fleet fleet;
  PaneIndex pane = 0;
  for (; pane < 220; ++pane) ASSERT_EQ(watch.Step(pane, fleet.Pane(pane, 999)), std::nullopt);
  watch.Forget("c0");
  watch.Forget("never seen");
  EXPECT_EQ(watch.size(), 39u);
  EXPECT_EQ(watch.armed(), 40u);
  const CohortCount bad{"c1", {42, 42}};
  std::optional<CohortAlarm> alarm;
  for (; !alarm && pane < 400; ++pane) alarm = watch.Step(pane, {&bad, 1});
  EXPECT_TRUE(alarm);
  EXPECT_EQ(watch.armed(), 39u);
}

TEST(CohortWatchTest, APeriodIsWhatIsLearnedFromAndThinCohortsAreNewAfterIt) {
  CohortWatchOptions options;
  const Duration width = options.learning.pane_width;
  options.period = {PaneStart(100, width), PaneStart(300, width)};
  CohortWatch watch(options, Threshold());
  const auto step = [&](PaneIndex pane, std::int64_t flagged, std::int64_t of_thin) {
    const CohortCount counts[] = {
        {"a", {100, flagged}}, {"b", {100, flagged}}, {"thin", {of_thin, 0}}};
    return watch.Step(pane, counts);
  };
  for (PaneIndex pane = 0; pane < 100; ++pane) EXPECT_EQ(step(pane, 50, 0), std::nullopt);
  for (PaneIndex pane = 100; pane < 300; ++pane) {
    EXPECT_EQ(step(pane, 10, pane % 10 == 0 ? 1 : 0), std::nullopt);
  }
  EXPECT_EQ(watch.armed(), 0u);
  EXPECT_EQ(step(300, 10, 1), std::nullopt);
  EXPECT_EQ(watch.FirstPane(999), 100);
  EXPECT_EQ(watch.armed(), 3u);  // The thin one beside the others.
  bool alarm = false;
  for (PaneIndex pane = 301; pane < 320; ++pane) alarm = alarm || step(pane, 50, 1);
  EXPECT_TRUE(alarm);
}

}  // namespace
}  // namespace guardwatch
