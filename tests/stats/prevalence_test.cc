#include "stats/prevalence.h"

#include <array>
#include <cmath>
#include <random>
#include <rapidcheck.h>
#include <vector>

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

constexpr double kReferencePrevalence = .055;
// Live scores where the prevalence has risen to 10 %.
const std::array<CalibratedCount, 4> kCounts{
    {{.02, 8727.27}, {.10, 623.38}, {.60, 294.37}, {.95, 354.98}}};

DecisionRates Rates(double tpr, double fpr) {
  DecisionRates rates;
  rates.true_positive_rate = tpr;
  rates.false_positive_rate = fpr;
  return rates;
}

TEST(PrevalenceFromDecisionsTest, HasThePublishedValues) {
  const Prevalence prevalence = PrevalenceFromDecisions(500, 10'000, Rates(.85, .01)).value();
  EXPECT_NEAR(prevalence.value, .0476190, 5e-8);
  EXPECT_NEAR(prevalence.se, .00259, 5e-6);
}

TEST(PrevalenceFromDecisionsTest, RatesThatWereEstimatedAddToTheError) {
  DecisionRates rates = Rates(.85, .01);
  const double known = PrevalenceFromDecisions(500, 10'000, rates)->se;
  rates.positives = 200;
  rates.negatives = 2000;
  EXPECT_GT(PrevalenceFromDecisions(500, 10'000, rates)->se, known);
}

TEST(PrevalenceFromDecisionsTest, StaysInRangeAndRefusesRatesThatSayNothing) {
  EXPECT_EQ(PrevalenceFromDecisions(0, 100, Rates(.8, .1))->value, 0);
  EXPECT_EQ(PrevalenceFromDecisions(100, 100, Rates(.8, .1))->value, 1);
  EXPECT_FALSE(PrevalenceFromDecisions(10, 100, Rates(.15, .1)));
  EXPECT_FALSE(PrevalenceFromDecisions(0, 0, Rates(.8, .1)));
}

// Expectation-maximisation from the reference's prevalence, step by step.
double AfterIterations(int steps) {
  double p = kReferencePrevalence;
  for (int i = 0; i < steps; ++i) {
    double positives = 0;
    double total = 0;
    for (const CalibratedCount& count : kCounts) {
      const double positive = p / kReferencePrevalence * count.rate;
      const double negative = (1 - p) / (1 - kReferencePrevalence) * (1 - count.rate);
      positives += count.n * positive / (positive + negative);
      total += count.n;
    }
    p = positives / total;
  }
  return p;
}

TEST(PrevalenceFromScoresTest, IsWhereThePublishedIterationsEnd) {
  EXPECT_NEAR(AfterIterations(1), .07507, 5e-6);  // Also the mean rate.
  EXPECT_NEAR(AfterIterations(2), .08664, 5e-6);
  EXPECT_NEAR(AfterIterations(3), .09293, 5e-6);
  EXPECT_NEAR(AfterIterations(20), .1, 5e-7);
  const Prevalence prevalence = PrevalenceFromScores(kCounts, kReferencePrevalence).value();
  EXPECT_NEAR(prevalence.value, AfterIterations(2000), 1e-14);
}

TEST(PrevalenceFromScoresTest, NeedsScoresThatSaySomething) {
  EXPECT_FALSE(PrevalenceFromScores({}, .1));
  EXPECT_FALSE(PrevalenceFromScores(std::array<CalibratedCount, 1>{{{.3, 0}}}, .1));
  EXPECT_FALSE(PrevalenceFromScores(std::array<CalibratedCount, 1>{{{.1, 50}}}, .1));
  EXPECT_FALSE(PrevalenceFromScores(std::array<CalibratedCount, 1>{{{.3 * .1 * 10, 50}}}, .3))
      << "up to rounding";
}

TEST(PrevalenceFromScoresTest, CertainScoresAreCounted) {
  const std::array<CalibratedCount, 2> certain{{{0, 70}, {1, 30}}};
  const Prevalence prevalence = PrevalenceFromScores(certain, .5).value();
  EXPECT_NEAR(prevalence.value, .3, 1e-9);
  EXPECT_NEAR(prevalence.se, std::sqrt(.3 * .7 / 100), 1e-9);  // The binomial's.
}

TEST(PrevalenceFromScoresTest, ItsStandardErrorIsThatOfRepetition) {
  constexpr unsigned kSeed = 11;
  SCOPED_TRACE(kSeed);
  std::mt19937_64 random(kSeed);
  std::vector<double> weights;
  for (const CalibratedCount& count : kCounts) weights.push_back(count.n);
  std::discrete_distribution<std::size_t> bin(weights.begin(), weights.end());
  constexpr int kRepetitions = 400;
  double mean = 0;
  double square = 0;
  double se = 0;
  for (int i = 0; i < kRepetitions; ++i) {
    std::array<CalibratedCount, 4> drawn = kCounts;
    for (CalibratedCount& count : drawn) count.n = 0;
    for (int event = 0; event < 1000; ++event) drawn[bin(random)].n += 1;
    const Prevalence prevalence = PrevalenceFromScores(drawn, kReferencePrevalence).value();
    mean += prevalence.value / kRepetitions;
    square += prevalence.value * prevalence.value / kRepetitions;
    se += prevalence.se / kRepetitions;
  }
  EXPECT_NEAR(mean, .1, .003);
  EXPECT_NEAR(std::sqrt(square - mean * mean) / se, 1, .15);
}

TEST(PrevalenceTest, EstimatorsThatDisagreeDenyLabelShift) {
  Prevalence a;
  a.value = .10;
  a.se = .003;
  Prevalence b;
  b.value = .114;
  b.se = .004;
  EXPECT_TRUE(LabelShiftExplains(a, b));
  b.value = .116;
  EXPECT_FALSE(LabelShiftExplains(a, b));
}

TEST(PrevalencePropertyTest, IsAShareAndRisesWithPositives) {
  EXPECT_TRUE(rc::check([] {
    const auto size = *rc::gen::inRange<std::size_t>(2, 8);
    std::vector<CalibratedCount> counts(size);
    for (std::size_t i = 0; i < size; ++i) {
      counts[i] = {(double(i) + .5) / double(size), double(*rc::gen::inRange(1, 1000))};
    }
    const double prior = *rc::gen::inRange(1, 100) / 100.0 - .005;
    const auto before = PrevalenceFromScores(counts, prior);
    counts.back().n += 100;
    const auto after = PrevalenceFromScores(counts, prior);
    RC_PRE(before && after);
    RC_ASSERT(before->value >= 0 && before->value <= 1);
    RC_ASSERT(after->value >= before->value - 1e-12);
  }));
}

}  // namespace
}  // namespace guardwatch
