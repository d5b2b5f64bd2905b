// Means of losses and placements: what is normal, and rises that are found while chance is not.

#include "detect/mean_watch.h"

#include <cmath>

#include <gtest/gtest.h>

#include "simulate_random.h"

namespace guardwatch {
namespace {

constexpr std::uint64_t kSeed = 20261126;
constexpr double kThreshold = 1e5;

BaselineOptions Learning() {
  BaselineOptions options;
  options.fewest_panes = 100;
  options.fewest_blocks = 10;
  return options;
}

// A pane of 200 losses, of 2 with probability `rate` and of .1 else.
std::vector<WeightedValue> Pane(Random& random, double rate) {
  const std::int64_t large = random.Binomial(200, rate);
  return {{.1, 200 - large}, {2, large}};
}

TEST(MeanBaselineTest, IsMeanSpreadAndAnUpperLimit) {
  MeanLearner learner(Learning());
  // Hand-made: 1, 2, 3, 4 in two panes. Mean 2.5, variance 1.25.
  const WeightedValue first[] = {{1, 1}, {4, 1}};
  const WeightedValue second[] = {{2, 1}, {3, 1}};
  learner.Add(7, first);
  learner.Add(9, second);
  const MeanBaseline baseline = learner.Learn();
  EXPECT_EQ(baseline.n, 4);
  EXPECT_EQ(baseline.first, 7);
  EXPECT_EQ(baseline.panes, 3);
  EXPECT_DOUBLE_EQ(baseline.mean, 2.5);
  EXPECT_DOUBLE_EQ(baseline.sd, std::sqrt(1.25));
  // Both panes have the mean of all, so nothing is over-dispersed.
  EXPECT_DOUBLE_EQ(baseline.dispersion, 0);
  EXPECT_DOUBLE_EQ(baseline.tempering, 1.25);
  EXPECT_DOUBLE_EQ(baseline.limit, 2.5 + 2.326 * std::sqrt(1.25 / 4));
}

TEST(MeanBaselineTest, AMarginAndATolerancePutTheLimitFurtherOut) {
  const WeightedValue values[] = {{.05, 1'000'000}};
  MeanLearner with_margin(Learning(), .005);
  MeanLearner without(Learning());
  with_margin.Add(0, values);
  without.Add(0, values);
  EXPECT_DOUBLE_EQ(with_margin.Learn().limit, .055);
  EXPECT_DOUBLE_EQ(without.Learn().limit, 1.1 * .05);
  MeanLearner zeros(Learning());
  const WeightedValue zero[] = {{0, 100}};
  zeros.Add(0, zero);
  EXPECT_GT(zeros.Learn().limit, 0);
}

TEST(MeanBaselineTest, BurstsTemper) {
  Random random(kSeed);
  MeanLearner learner(Learning());
  for (PaneIndex pane = 0; pane < 1000; ++pane) {
    // Outcomes come in eights.
    const std::int64_t large = 8 * random.Binomial(25, .1);
    const WeightedValue values[] = {{.1, 200 - large}, {2, large}};
    learner.Add(pane, values);
  }
  EXPECT_NEAR(learner.Learn().dispersion, 8, 1) << "seed " << kSeed;
}

TEST(MeanWatchTest, FindsARiseAndIsSilentWithoutOne) {
  Random random(kSeed);
  MeanWatch watch(Learning(), kThreshold);
  PaneIndex pane = 0;
  for (; pane < 3000; ++pane) {
    ASSERT_EQ(watch.Step(pane, Pane(random, .1)), std::nullopt) << "seed " << kSeed;
  }
  EXPECT_EQ(watch.state(), WatchState::kArmed);
  const PaneIndex changed = pane;
  std::optional<DriftAlarm> alarm;
  for (; !alarm && pane < changed + 200; ++pane) alarm = watch.Step(pane, Pane(random, .2));
  ASSERT_TRUE(alarm) << "seed " << kSeed;
  EXPECT_EQ(alarm->direction, Direction::kUp);
  EXPECT_GE(alarm->evidence, kThreshold);
  EXPECT_NEAR(double(alarm->change_pane), double(changed), 5);
}

TEST(MeanWatchTest, SaysWhatItCannotSee) {
  BaselineOptions thin = Learning();
  thin.fewest_panes = 2;
  thin.fewest_events = 4;
  MeanWatch watch(thin, kThreshold);
  const WeightedValue values[] = {{0, 1}, {1, 1}};
  // Two losses in a month of panes.
  watch.Step(0, values);
  watch.Step(259'200, values);
  EXPECT_EQ(watch.state(), WatchState::kNotMonitorable);
}

TEST(MeanWatchTest, GoesOnFromARecordAsIfNothingHadHappened) {
  Random random(kSeed);
  for (const PaneIndex stop : {50, 300}) {
    MeanWatch whole(Learning(), kThreshold);
    PaneIndex pane = 0;
    for (; pane < stop; ++pane) whole.Step(pane, Pane(random, .1));
    ByteWriter out;
    whole.Save(out);
    MeanWatch loaded(Learning(), kThreshold);
    ByteReader in(out.bytes());
    ASSERT_TRUE(loaded.Load(in));
    EXPECT_TRUE(in.done());
    for (; pane < stop + 200; ++pane) {
      const auto values = Pane(random, .12);
      whole.Step(pane, values);
      loaded.Step(pane, values);
    }
    EXPECT_EQ(loaded.evidence(), whole.evidence()) << "seed " << kSeed;
    EXPECT_EQ(loaded.baseline(), whole.baseline());
    for (std::size_t size = 0; size < out.bytes().size(); ++size) {
      ByteReader damaged(std::string_view(out.bytes()).substr(0, size));
      EXPECT_FALSE(MeanWatch(Learning(), kThreshold).Load(damaged)) << size;
    }
  }
}

TEST(LearningPeriodTest, IsTakenAsItIsAndWhatLiesBeforeIsPassedOver) {
  const LearningPeriod period{PaneStart(100), PaneStart(150)};
  MeanWatch watch(Learning(), kThreshold, 0, period);
  const WeightedValue large[] = {{9, 100}};
  const WeightedValue usual[] = {{1, 100}};
  for (PaneIndex pane = 0; pane < 100; ++pane) watch.Step(pane, large);
  for (PaneIndex pane = 100; pane < 150; ++pane) watch.Step(pane, usual);
  EXPECT_EQ(watch.state(), WatchState::kLearning);
  EXPECT_NE(watch.Missing()->find("the end of the period"), std::string::npos);
  watch.Step(150, usual);
  ASSERT_TRUE(watch.baseline());
  EXPECT_EQ(watch.baseline()->mean, 1);
  EXPECT_EQ(watch.baseline()->first, 100);
  EXPECT_EQ(watch.baseline()->panes, 50);
}

TEST(LearningPeriodTest, ThatHeldTooLittleStaysUnlearnedAndSaysSo) {
  StreamWatch watch({}, kThreshold, Direction::kBoth, {PaneStart(0), PaneStart(10)});
  watch.Step(5, {100, 3});
  for (PaneIndex pane = 10; pane < 1000; ++pane) watch.Step(pane, {100, 3});
  EXPECT_EQ(watch.state(), WatchState::kLearning);
  EXPECT_NE(watch.Missing()->find("had only 100 of 200 events"), std::string::npos);
}

TEST(LearningPeriodTest, WhatAppearsAfterItIsLearnedFromThenOn) {
  BaselineOptions options = Learning();
  options.fewest_steps = 50;
  StreamWatch watch(options, kThreshold, Direction::kBoth, {PaneStart(0), PaneStart(10)});
  for (PaneIndex pane = 1000; pane < 1200; ++pane) watch.Step(pane, {100, 3});
  ASSERT_NE(watch.detector(), nullptr);
  EXPECT_EQ(watch.detector()->baseline().first, 1000);
}

}  // namespace
}  // namespace guardwatch
