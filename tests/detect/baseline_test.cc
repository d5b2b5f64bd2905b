#include "detect/baseline.h"

#include <cmath>

#include <gtest/gtest.h>

#include "detect/delay.h"
#include "detect/shrinkage.h"

namespace guardwatch {
namespace {

BaselineOptions TakeWhatIsGiven() {
  BaselineOptions options;
  options.fewest_panes = 0;
  return options;
}

TEST(DispersionTest, WorkedExampleOfEightBlocks) {
  std::vector<Count> blocks;
  for (const std::int64_t s : {18, 25, 20, 31, 12, 22, 15, 27}) blocks.push_back({1000, s});
  EXPECT_NEAR(OverDispersion(blocks), 1.91979, 5e-6);
}

TEST(NullIntervalTest, WilsonLimitsOfASmallReferenceAreWiderThanTheTolerance) {
  // Wilson (1927) at z = 2.326 for 20 in 1000, by hand.
  const NullInterval null = MakeNullInterval(1000, 20, .1);
  const double center = .02 + 2.326 * 2.326 / 2000;
  const double half = 2.326 * std::sqrt(.02 * .98 / 1000 + 2.326 * 2.326 / 4e6);
  const double scale = 1 + 2.326 * 2.326 / 1000;
  EXPECT_NEAR(null.low, (center - half) / scale, 1e-15);
  EXPECT_NEAR(null.high, (center + half) / scale, 1e-15);
}

TEST(NullIntervalTest, ToleranceRulesWithALargeReference) {
  const NullInterval null = MakeNullInterval(1e8, 2e6, .1);
  EXPECT_DOUBLE_EQ(null.low, .02 / 1.1);
  EXPECT_DOUBLE_EQ(null.high, .022);
}

TEST(NullIntervalTest, WithoutSuccessesThereIsNothingToFall) {
  const NullInterval null = MakeNullInterval(1000, 0, .1);
  EXPECT_FALSE(null.CanFall());
  EXPECT_NEAR(null.high, 2.326 * 2.326 / (1000 + 2.326 * 2.326), 1e-15);
  EXPECT_FALSE(MakeNullInterval(1000, 1000, .1).CanRise());
  EXPECT_FALSE(MakeNullInterval(1000, 950, .1).CanRise());
}

TEST(BaselineTest, SaysWhatIsMissing) {
  BaselineOptions options;
  options.fewest_panes = 300;
  BaselineLearner learner(options);
  EXPECT_EQ(learner.Missing(), "0 of 200 events");
  for (PaneIndex pane = 0; pane < 9; ++pane) learner.Add(pane, {20, 1});
  EXPECT_EQ(learner.Missing(), "180 of 200 events");
  learner.Add(9, {20, 1});
  EXPECT_EQ(learner.Missing(), "10 of 200 steps");
  for (PaneIndex pane = 10; pane < 299; ++pane) learner.Add(pane, {20, 1});
  EXPECT_EQ(learner.Missing(), "299 of 300 panes");
  learner.Add(299, {});
  EXPECT_EQ(learner.Missing(), std::nullopt);
}

// Panes that alternate by hand: every number of the baseline can be worked out on paper.
TEST(BaselineTest, DispersionAndFluctuationFollowTheFormulas) {
  BaselineLearner learner(TakeWhatIsGiven());
  std::vector<Count> ones;
  std::vector<Count> sixties(240);
  for (PaneIndex pane = 0; pane < 240 * 60; ++pane) {
    // The rate swings by a quarter of its mean every ten minutes.
    const std::int64_t s = (pane / 60 % 2 ? 25 : 15) + (pane % 2 ? 3 : -3);
    ones.push_back({1000, s});
    sixties[static_cast<std::size_t>(pane / 60)].n += 1000;
    sixties[static_cast<std::size_t>(pane / 60)].s += s;
    learner.Add(pane, {1000, s});
  }
  const Baseline baseline = learner.Learn();
  EXPECT_DOUBLE_EQ(baseline.rate, .02);
  const double phi_1 = OverDispersion(ones);
  const double phi_60 = OverDispersion(sixties);
  EXPECT_NEAR(*baseline.dispersion[0], phi_1, 1e-9);
  EXPECT_NEAR(*baseline.dispersion[2], phi_60, 1e-9);
  EXPECT_NEAR(phi_1, (25.0 + 9.0) / (1000 * .02 * .98), 1e-3);
  EXPECT_NEAR(baseline.tempering, 1.25 * phi_1, 1e-9);
  // All but 1 in 60 of the swing's variance is left after averaging over ten minutes.
  EXPECT_NEAR(baseline.slow_sd, .25, .005);
  EXPECT_NEAR(baseline.tolerance, 3 * baseline.slow_sd, 1e-12);
  EXPECT_NEAR(baseline.null[0].high, .02 * (1 + baseline.tolerance), 1e-12);
  EXPECT_NEAR(baseline.null[0].low, .02 / (1 + baseline.tolerance), 1e-12);
}

TEST(BaselineTest, ScalesWithTooFewBlocksAreNotEstimated) {
  BaselineLearner learner(TakeWhatIsGiven());
  for (PaneIndex pane = 0; pane < 1200; ++pane) learner.Add(pane, {1000, 18 + pane % 5});
  const Baseline baseline = learner.Learn();
  EXPECT_TRUE(baseline.dispersion[0].has_value());
  EXPECT_TRUE(baseline.dispersion[1].has_value());
  EXPECT_FALSE(baseline.dispersion[2].has_value());
  EXPECT_EQ(baseline.tempering, 1.25);
  EXPECT_EQ(baseline.tolerance, .10);
}

TEST(BaselineTest, HoursOfTheDayHaveTheirOwnRates) {
  BaselineOptions options;
  options.slots = SlotScheme::kHourOfDay;
  BaselineLearner learner(options);
  for (PaneIndex pane = 0; pane < 3 * 8640; ++pane) {
    if (pane == 3 * 8640 - 1) {
      EXPECT_EQ(learner.Missing(), "25919 of 25920 panes");
    }
    learner.Add(pane, {1000, pane / 360 % 24 < 12 ? 10 : 30});
  }
  EXPECT_EQ(learner.Missing(), std::nullopt);
  const Baseline baseline = learner.Learn();
  ASSERT_EQ(baseline.null.size(), 24u);
  EXPECT_NEAR(baseline.NullAt(0).high, .011, 1e-4);
  EXPECT_NEAR(baseline.NullAt(8640 * 7 + 12 * 360).high, .033, 1e-4);
  EXPECT_EQ(baseline.tolerance, .10);  // The rhythm is explained, so it is no fluctuation.
}

TEST(TimeSlotsTest, CountHoursFromTheEpochAlsoBeforeIt) {
  EXPECT_EQ(SlotOf(0, kPaneWidth, SlotScheme::kHourOfDay), 0);
  EXPECT_EQ(SlotOf(360 * 25, kPaneWidth, SlotScheme::kHourOfDay), 1);
  EXPECT_EQ(SlotOf(360 * 25, kPaneWidth, SlotScheme::kHourOfWeek), 25);
  EXPECT_EQ(SlotOf(-1, kPaneWidth, SlotScheme::kHourOfDay), 23);
  EXPECT_EQ(SlotOf(360 * 25, kPaneWidth, SlotScheme::kConstant), 0);
}

TEST(ShrinkageTest, WorkedExampleOfSixGroups) {
  const Count groups[] = {{100, 2}, {100, 5}, {50, 1}, {500, 30}, {40, 0}, {80, 12}};
  const BetaPrior prior = EstimatePrior(groups);
  EXPECT_NEAR(prior.intraclass, .0260486, 5e-8);
  EXPECT_NEAR(prior.a, 2.14883, 5e-6);
  EXPECT_NEAR(prior.b, 35.2409, 5e-5);
  const double estimates[] = {.0302, .0520, .0360, .0598, .0278, .1205};
  for (int i = 0; i < 6; ++i) EXPECT_NEAR(ShrunkRate(groups[i], prior), estimates[i], 5e-5) << i;
  EXPECT_NEAR(ShrunkLowerBound(groups[5], prior), .0752, 5e-5);
}

TEST(ShrinkageTest, FewOrEqualGroupsFallBackToFiftyEvents) {
  const Count few[] = {{100, 2}, {100, 20}};
  EXPECT_DOUBLE_EQ(EstimatePrior(few).Weight(), 50);
  const std::vector<Count> equal(10, Count{1000, 20});
  EXPECT_DOUBLE_EQ(EstimatePrior(equal).Weight(), 50);
  EXPECT_DOUBLE_EQ(EstimatePrior(equal).a, 1);
}

// First-order delays, panes of 1000 events, known rate .02, A = 259 200.
TEST(DelayTest, FormulaGivesThePublishedDelays) {
  const DelayQuestion question{259'200, 16, 1, 1000};
  const NullInterval point{.02, .02};
  EXPECT_NEAR(*ExpectedDelay(.022, point, question), 154'627, 5);
  EXPECT_NEAR(*ExpectedDelay(.024, point, question), 40'193, 1);
  EXPECT_NEAR(*ExpectedDelay(.030, point, question), 7'379, 1);
  EXPECT_NEAR(*ExpectedDelay(.060, point, question), 1'070, 1);
  EXPECT_NEAR(*ExpectedDelay(.010, point, question), 5'385, 1);
  EXPECT_EQ(ExpectedDelay(.021, NullInterval{.018, .022}, question), std::nullopt);
}

// Events needed to see a lift of 1.5, 2 and 3, A = 6.22e6.
TEST(DelayTest, FormulaGivesThePublishedEventsForALift) {
  const struct {
    double rate;
    double events[3];
  } rows[] = {{.001, {170'009, 47'611, 14'190}},
              {.01, {16'824, 4'706, 1'399}},
              {.02, {8'314, 2'322, 689}},
              {.1, {1'505, 415, 120}}};
  const DelayQuestion question{6.22e6, 16, 1, 0};
  const double lifts[] = {1.5, 2, 3};
  for (const auto& row : rows) {
    for (int i = 0; i < 3; ++i) {
      const NullInterval point{row.rate, row.rate};
      EXPECT_NEAR(*ExpectedDelay(row.rate * lifts[i], point, question), row.events[i], 1);
      EXPECT_NEAR(*SmallestDetectableLift(Direction::kUp, row.rate, point, row.events[i], question),
                  lifts[i], .01);
    }
  }
}

TEST(DelayTest, WhatCannotBeSeenInTimeHasNoLift) {
  const DelayQuestion question{6.22e6, 16, 1, 0};
  EXPECT_EQ(SmallestDetectableLift(Direction::kUp, .001, {.0009, .0011}, 20, question),
            std::nullopt);
  EXPECT_EQ(SmallestDetectableLift(Direction::kUp, .9, {.8, 1}, 1e9, question), std::nullopt);
}

}  // namespace
}  // namespace guardwatch
