#include "stats/label_free.h"

#include <array>
#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

std::vector<CalibratedBin> Bins(std::int64_t reference = 0) {
  return {{.02, reference, 0, 900},
          {.10, reference, 0, 60},
          {.60, reference, 20, 0},
          {.95, reference, 20, 0}};
}

TEST(ExpectPerformanceTest, HasThePublishedValues) {
  const ExpectedPerformance expected = ExpectPerformance(Bins()).value();
  EXPECT_EQ(expected.n, 1000);
  EXPECT_NEAR(expected.true_positive.value, 31, 1e-12);
  EXPECT_NEAR(expected.false_positive, 9, 1e-12);
  EXPECT_NEAR(expected.false_negative.value, 24, 1e-12);
  EXPECT_NEAR(expected.true_negative, 936, 1e-12);
  EXPECT_NEAR(expected.precision->value, .775, 1e-12);
  EXPECT_NEAR(expected.recall->value, .563636, 5e-7);
  EXPECT_NEAR(expected.f1->value, .652632, 5e-7);
  EXPECT_NEAR(expected.roc_auc.value(), .819962, 5e-7);
}

TEST(ExpectPerformanceTest, WhatIsNotThereIsAbsent) {
  EXPECT_FALSE(ExpectPerformance({}));
  EXPECT_FALSE(ExpectPerformance(std::array<CalibratedBin, 1>{{{.5, 10, 0, 0}}}));
  const auto nothing_flagged = ExpectPerformance(std::array<CalibratedBin, 1>{{{.5, 10, 0, 8}}});
  EXPECT_FALSE(nothing_flagged->precision);
  EXPECT_EQ(nothing_flagged->recall->value, 0);
  const auto no_positive = ExpectPerformance(std::array<CalibratedBin, 1>{{{0, 0, 4, 4}}});
  EXPECT_FALSE(no_positive->recall);
  EXPECT_FALSE(no_positive->f1);
  EXPECT_FALSE(no_positive->roc_auc);
  EXPECT_EQ(no_positive->precision->value, 0);
}

// Variance that estimated rates add, by finite differences of the value in each rate.
double VarianceOfRates(double (*value)(const ExpectedPerformance&), std::int64_t reference) {
  constexpr double kStep = 1e-6;
  double variance = 0;
  for (std::size_t i = 0; i < Bins().size(); ++i) {
    std::vector<CalibratedBin> up = Bins();
    std::vector<CalibratedBin> down = Bins();
    up[i].rate += kStep;
    down[i].rate -= kStep;
    const double slope =
        (value(*ExpectPerformance(up)) - value(*ExpectPerformance(down))) / (2 * kStep);
    const double rate = Bins()[i].rate;
    variance += slope * slope * rate * (1 - rate) / double(reference);
  }
  return variance;
}

TEST(ExpectPerformanceTest, UncertainRatesAddWhatTheDerivativesSay) {
  constexpr std::int64_t kLabels = 200;
  const ExpectedPerformance known = ExpectPerformance(Bins()).value();
  const ExpectedPerformance estimated = ExpectPerformance(Bins(kLabels)).value();
  const auto added = [](double more, double less) { return more * more - less * less; };
  EXPECT_NEAR(added(estimated.roc_auc_sd.value(), known.roc_auc_sd.value()),
              VarianceOfRates([](const ExpectedPerformance& e) { return *e.roc_auc; }, kLabels),
              1e-9);
  EXPECT_NEAR(
      added(estimated.precision->sd, known.precision->sd),
      VarianceOfRates([](const ExpectedPerformance& e) { return e.precision->value; }, kLabels),
      1e-9);
  EXPECT_NEAR(
      added(estimated.recall->sd, known.recall->sd),
      VarianceOfRates([](const ExpectedPerformance& e) { return e.recall->value; }, kLabels), 1e-9);
  EXPECT_NEAR(added(estimated.f1->sd, known.f1->sd),
              VarianceOfRates([](const ExpectedPerformance& e) { return e.f1->value; }, kLabels),
              1e-9);
}

// How far realised values lie from the expected ones, in units of the sd that is given with them.
TEST(ExpectPerformanceTest, RealisedValuesLieAsFarAwayAsItSays) {
  constexpr unsigned kSeed = 3;
  SCOPED_TRACE(kSeed);
  std::mt19937_64 random(kSeed);
  constexpr std::int64_t kLabels = 400;
  constexpr int kRepetitions = 2000;
  double precision = 0;
  double recall = 0;
  for (int i = 0; i < kRepetitions; ++i) {
    std::vector<CalibratedBin> estimated = Bins(kLabels);
    double tp = 0;
    double fn = 0;
    for (CalibratedBin& bin : estimated) {
      tp += std::binomial_distribution<int>(int(bin.flagged), bin.rate)(random);
      fn += std::binomial_distribution<int>(int(bin.passed), bin.rate)(random);
      bin.rate = std::binomial_distribution<int>(int(kLabels), bin.rate)(random) / double(kLabels);
    }
    const ExpectedPerformance expected = ExpectPerformance(estimated).value();
    const double z_precision = (tp / 40 - expected.precision->value) / expected.precision->sd;
    const double z_recall = (tp / (tp + fn) - expected.recall->value) / expected.recall->sd;
    precision += z_precision * z_precision / kRepetitions;
    recall += z_recall * z_recall / kRepetitions;
  }
  EXPECT_NEAR(precision, 1, .12);
  EXPECT_NEAR(recall, 1, .25);
}

constexpr int kGrid = score_grid::kFine;

ScoreHistogram Labeled(double p, int negatives, int positives) {
  ScoreHistogram histogram;
  for (int i = 0; i < negatives; ++i) histogram.AddLabel(Score::FromClipped(p), kGrid, false);
  for (int i = 0; i < positives; ++i) histogram.AddLabel(Score::FromClipped(p), kGrid, true);
  return histogram;
}

ScoreHistogram Scored(double p, int n) {
  ScoreHistogram histogram;
  for (int i = 0; i < n; ++i) histogram.AddScore(score_grid::BinOf(Score::FromClipped(p), kGrid));
  return histogram;
}

TEST(CalibratedBinsTest, TakeRatesFromTheReferenceAndCountsFromLiveScores) {
  ScoreHistogram reference = Labeled(.1, 19, 0);
  reference += Labeled(.5, 5, 5);
  reference += Labeled(.9, 0, 9);
  ScoreHistogram live = Scored(.05, 7);
  live += Scored(.29, 2);  // Nearer to .1 than to .5.
  live += Scored(.31, 3);
  live += Scored(.99, 4);
  const std::vector<CalibratedBin> bins = CalibratedBinsOf(reference, live, kGrid, 4);
  ASSERT_EQ(bins.size(), 3u);
  EXPECT_DOUBLE_EQ(bins[0].rate, .5 / 20);
  EXPECT_DOUBLE_EQ(bins[1].rate, .5);
  EXPECT_DOUBLE_EQ(bins[2].rate, 9.5 / 10);
  EXPECT_EQ(bins[0].reference, 19);
  EXPECT_EQ(bins[0].passed, 9);
  EXPECT_EQ(bins[1].passed, 3);
  EXPECT_EQ(bins[2].flagged, 4);
  EXPECT_EQ(bins[2].passed, 0);
}

TEST(CalibratedBinsTest, TheLowestBinThatWasFlaggedIsSplitByTheExactCount) {
  const ScoreHistogram reference = Labeled(.5, 5, 5);
  ScoreHistogram live = Scored(.8, 10);
  live += Scored(.95, 5);
  const std::vector<CalibratedBin> bins = CalibratedBinsOf(reference, live, kGrid, 8);
  ASSERT_EQ(bins.size(), 1u);
  EXPECT_EQ(bins[0].flagged, 8);
  EXPECT_EQ(bins[0].passed, 7);
}

TEST(CalibratedBinsTest, AShortBlockAtTheEndIsNotBeyondItsNeighbour) {
  ScoreHistogram reference = Labeled(.1, 1, 0);  // Jeffreys' rate would be 1/4.
  reference += Labeled(.5, 90, 10);
  const std::vector<CalibratedBin> bins = CalibratedBinsOf(reference, Scored(.5, 1), kGrid, 0);
  ASSERT_EQ(bins.size(), 2u);
  EXPECT_DOUBLE_EQ(bins[0].rate, .1);
  EXPECT_DOUBLE_EQ(bins[1].rate, .1);
}

TEST(ExpectedPerformanceTest, ARateThatWasEstimatedAtZeroLeavesSomethingOpen) {
  const auto certain = ExpectPerformance(std::vector<CalibratedBin>{{0, 0, 10, 90}, {1, 0, 10, 0}});
  const auto estimated =
      ExpectPerformance(std::vector<CalibratedBin>{{0, 9, 10, 90}, {1, 9, 10, 0}});
  EXPECT_DOUBLE_EQ(estimated->positive.value, 10);
  EXPECT_DOUBLE_EQ(certain->positive.sd, 0);
  // Of (0 + 1/2)/(9 + 1): labels are random, and so was the estimate.
  const double spread = .05 * .95;
  EXPECT_NEAR(estimated->positive.sd, std::sqrt(110 * spread + (100. * 100 + 10 * 10) * spread / 9),
              1e-12);
}

TEST(CalibratedBinsTest, WithoutLabelsThereIsNothingToGoBy) {
  EXPECT_TRUE(CalibratedBinsOf({}, Scored(.5, 10), kGrid, 10).empty());
  const auto one_class = CalibratedBinsOf(Labeled(.5, 9, 0), Scored(.5, 10), kGrid, 10);
  ASSERT_EQ(one_class.size(), 1u);
  EXPECT_DOUBLE_EQ(one_class[0].rate, .05);
}

}  // namespace
}  // namespace guardwatch
