#include "detect/e_factors.h"

#include <cmath>

#include <gtest/gtest.h>

#include "detect/calibration_factor.h"
#include "detect/evidence.h"

namespace guardwatch {
namespace {

double Binomial(int n, int s, double p) {
  return std::exp(std::lgamma(n + 1) - std::lgamma(s + 1) - std::lgamma(n - s + 1) +
                  s * std::log(p) + (n - s) * std::log1p(-p));
}

TEST(BernoulliFactorTest, WorkedExampleOfOneAlternative) {
  const double q = ShiftOdds(.02, 1.5);
  const BernoulliFactor factor = MakeBernoulliFactor(.02, q);
  EXPECT_NEAR(q, .029702970, 5e-10);
  EXPECT_NEAR(factor.success, .395514777, 5e-10);
  EXPECT_NEAR(factor.failure, -.009950331, 5e-10);
  EXPECT_NEAR(factor.Log({1000, 20}), -1.841029, 5e-7);
  EXPECT_NEAR(factor.Log({1000, 30}), 2.213622, 5e-7);

  Evidence evidence = Evidence::Start(1, -1);
  const auto step = [&](PaneIndex pane, std::int64_t s) {
    const double log = factor.Log({1000, s});
    evidence.Step(pane, {&log, 1}, 1e12);
    return evidence.Mean();
  };
  EXPECT_NEAR(step(0, 20), .158654, 5e-7);
  EXPECT_NEAR(step(1, 22), .413607, 5e-7);
  EXPECT_NEAR(step(2, 30), 12.932802, 5e-7);
  EXPECT_NEAR(step(3, 33), 430.205775, 5e-7);
  EXPECT_EQ(evidence.LastQuietPane(), 1);
}

TEST(BernoulliFactorTest, MeanIsOneAtTheBaseAndLessOnItsSide) {
  const BernoulliFactor factor = MakeBernoulliFactor(.1, .2);
  const auto mean = [&](double p) {
    double sum = 0;
    for (int s = 0; s <= 50; ++s) sum += Binomial(50, s, p) * std::exp(factor.Log({50, s}));
    return sum;
  };
  EXPECT_NEAR(mean(.1), 1, 1e-10);
  EXPECT_LT(mean(.09), .7);
  EXPECT_GT(mean(.11), 1);
}

TEST(MeanFactorTest, WorkedExampleOfABoundedMean) {
  Evidence evidence = Evidence::Start(1, -1);
  const auto step = [&](PaneIndex pane, double x) {
    const WeightedValue value{x, 1};
    const double log = LogMeanFactor({&value, 1}, .2, .1);
    evidence.Step(pane, {&log, 1}, 1e12);
    return evidence.Mean();
  };
  EXPECT_NEAR(step(0, .5), 1.15, 1e-12);
  EXPECT_NEAR(step(1, .1), 2.0425, 1e-12);
  EXPECT_NEAR(step(2, .9), 4.107375, 1e-12);
}

TEST(MeanFactorTest, EqualValuesMayBeCountedTogether) {
  const WeightedValue apart[] = {{.3, 1}, {.3, 1}, {.3, 1}};
  const WeightedValue together[] = {{.3, 3}};
  EXPECT_NEAR(LogMeanFactor(apart, .2, .25), LogMeanFactor(together, .2, .25), 1e-15);
}

TEST(LossFactorTest, GrowsOnlyAboveTheToleratedMean) {
  const WeightedValue usual{.44, 1000};
  const WeightedValue worse{.5, 1000};
  EXPECT_NEAR(LogLossFactor({&usual, 1}, .4, .1, .08), 0, 1e-9);
  EXPECT_GT(LogLossFactor({&worse, 1}, .4, .1, .08), 5);
}

TEST(AucFactorTest, PlacementIsTheShareThatIsNotBeaten) {
  EXPECT_EQ(Placement(90, 4, 100), .08);
  EXPECT_EQ(Placement(0, 0, 10), 1);
  EXPECT_EQ(Placement(10, 0, 10), 0);
  EXPECT_EQ(Placement(0, 10, 10), .5);
}

TEST(AucFactorTest, IsTheMeanFactorOfWhatIsMissingToOne) {
  const WeightedValue placements[] = {{.1, 2}, {.02, 5}};
  EXPECT_NEAR(LogAucFactor(placements, .955, .15), LogMeanFactor(placements, .05, .15), 1e-13);
}

TEST(TwoGroupFactorTest, WorkedExample) {
  EXPECT_NEAR(LogTwoGroupFactor({100, 8}, {1000, 20}, .04, .02), 3.202600, 5e-7);
}

TEST(TwoGroupFactorTest, MeanIsAtMostOneForEveryCommonRate) {
  const auto mean = [](double p) {
    double sum = 0;
    for (int a = 0; a <= 20; ++a) {
      for (int b = 0; b <= 60; ++b) {
        sum += Binomial(20, a, p) * Binomial(60, b, p) *
               std::exp(LogTwoGroupFactor({20, a}, {60, b}, .2, .1));
      }
    }
    return sum;
  };
  EXPECT_NEAR(mean((20 * .2 + 60 * .1) / 80), 1, 1e-10);
  for (const double p : {.01, .05, .1, .2, .5, .9}) EXPECT_LE(mean(p), 1 + 1e-10) << p;
}

TEST(TwoGroupFactorTest, WithoutEventsSaysNothing) {
  EXPECT_EQ(LogTwoGroupFactor({}, {}, .2, .1), 0);
}

TEST(CalibrationFactorTest, WorkedExampleWithAPointReference) {
  const CalibrationLimits limits[] = {{.05, .05, .05}, {.5, .5, .5}, {.9, .9, .9}};
  const Count counts[] = {{200, 16}, {40, 24}, {60, 56}};
  EXPECT_NEAR(LogCalibrationFactor(limits, counts, {.25, 1}), 2.210129, 5e-7);
  EXPECT_NEAR(std::exp(LogCalibrationFactor(limits, counts, {.25, 1})), 9.1169, 5e-5);
}

TEST(CalibrationFactorTest, ChangesInsideTheIntervalAreNoEvidence) {
  const CalibrationLimits limits[] = {MakeCalibrationLimits({1000, 50}),
                                      MakeCalibrationLimits({1000, 500})};
  const Count counts[] = {{200, 40}, {200, 140}};
  EXPECT_EQ(LogCalibrationFactor(limits, counts, {.05, 1}), 0);
  EXPECT_GT(LogCalibrationFactor(limits, counts, {.5, 1}), 5);
}

TEST(CalibrationFactorTest, BinsWithoutAReferenceExcludeNothing) {
  const CalibrationLimits limits = MakeCalibrationLimits({0, 0});
  const Count count{10, 10};
  EXPECT_EQ(LogCalibrationFactor({&limits, 1}, {&count, 1}, {1, 1}), 0);
}

TEST(CalibrationFactorTest, BinsOfOneClassStayFinite) {
  const CalibrationLimits never = MakeCalibrationLimits({500, 0});
  EXPECT_GT(never.rate, 0);
  EXPECT_EQ(never.low, 0);
  const Count count{100, 30};
  EXPECT_TRUE(std::isfinite(LogCalibrationFactor({&never, 1}, {&count, 1}, {1, 1})));
  EXPECT_TRUE(std::isfinite(LogCalibrationFactor({&never, 1}, {&count, 1}, {-1, 1})));
}

}  // namespace
}  // namespace guardwatch
