#include "stats/ranking.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "stats/average_precision.h"
#include "stats/operating_curve.h"
#include "stats/twelve_scores.h"

namespace guardwatch {
namespace {

using score_grid::kCoarse;
using score_grid::kFine;

struct Bin {
  std::int64_t positive, negative;
};

ScoreHistogram Of(const std::vector<Bin>& bins) {
  ScoreHistogram histogram;
  for (std::uint16_t i = 0; i < bins.size(); ++i) {
    for (std::int64_t k = 0; k < bins[i].positive; ++k) histogram.AddLabel(i, true);
    for (std::int64_t k = 0; k < bins[i].negative; ++k) histogram.AddLabel(i, false);
  }
  return histogram;
}

// The twelve scores in five bins of equal width, and in those of integers, lowest first.
const std::vector<Bin> kFive{{1, 3}, {0, 2}, {1, 1}, {1, 0}, {3, 0}};
const std::vector<Bin> kFiveInteger{{1, 3}, {0, 2}, {2, 1}, {1, 0}, {2, 0}};

TEST(RocAucTest, FiveBinsBracketTheExactArea) {
  const auto auc = RocAuc(Of(kFive));
  ASSERT_TRUE(auc);
  EXPECT_NEAR(auc->bracket_low, .805556, 5e-7);
  EXPECT_NEAR(auc->bracket_high, .916667, 5e-7);
  EXPECT_NEAR(auc->value, .861111, 5e-7);
  const auto on_integers = RocAuc(Of(kFiveInteger));
  EXPECT_NEAR(on_integers->bracket_low, .777778, 5e-7);
  EXPECT_NEAR(on_integers->bracket_high, .916667, 5e-7);
}

// The standard error that an interval on the logit scale comes from.
double StandardError(const AreaUnderCurve& auc) {
  const double low = std::log(*auc.low / (1 - *auc.low));
  const double high = std::log(*auc.high / (1 - *auc.high));
  return (high - low) / 2 / kZ95 * auc.value * (1 - auc.value);
}

TEST(RocAucTest, DeLongsErrorFromBins) {
  EXPECT_NEAR(StandardError(*RocAuc(Of(kFive))), .126076, 5e-7);
  EXPECT_NEAR(StandardError(*RocAuc(Of(kFiveInteger))), .126990, 5e-7);
  EXPECT_NEAR(StandardError(*RocAuc(twelve_scores::Histogram())), .108653, 5e-7);
}

TEST(RocAucTest, HanleyAndMcNeilNeedOnlyCounts) {
  EXPECT_NEAR(HanleyMcNeilError(.875, 6, 6), .108698, 5e-7);
  EXPECT_EQ(HanleyMcNeilError(1, 6, 6), 0.0);
}

TEST(RocAucIntervalTest, IsDeLongsWhereThereIsOne) {
  const auto interval = RocAucInterval(*RocAuc(twelve_scores::Histogram()));
  ASSERT_TRUE(interval);
  EXPECT_NEAR(interval->low, .49971, 1e-5);
  EXPECT_NEAR(interval->high, .98002, 5e-6);
}

TEST(RocAucIntervalTest, IsOneSidedWherePositivesAndNegativesAreApart) {
  const auto perfect = RocAucInterval(*RocAuc(Of({{0, 30}, {45, 0}})));
  ASSERT_TRUE(perfect);
  EXPECT_NEAR(perfect->low, .905, 5e-4);
  EXPECT_EQ(perfect->high, 1.0);
  const auto inverted = RocAucInterval(*RocAuc(Of({{30, 0}, {0, 30}})));
  ASSERT_TRUE(inverted);
  EXPECT_EQ(inverted->low, 0.0);
  EXPECT_NEAR(inverted->high, 1 - .905, 5e-4);
}

TEST(RocAucIntervalTest, IsAbsentWhereAllScoresAreTied) {
  EXPECT_FALSE(RocAucInterval(*RocAuc(Of({{30, 30}}))));
}

TEST(RocAucIntervalTest, TheGuaranteedAreaFollowsFromTheSmallerClass) {
  const auto auc = RocAuc(Of({{0, 1000}, {50, 0}}));
  EXPECT_NEAR(GuaranteedRocAuc(*auc), 1 - std::sqrt(std::log(20.0) / 100), 1e-12);
  EXPECT_EQ(GuaranteedRocAuc(*RocAuc(Of({{1, 1}}))), 0.0);
}

TEST(AveragePrecisionTest, FiveBinsBoundTheExactValue) {
  const auto precision = AveragePrecisionOf(Of(kFive));
  ASSERT_TRUE(precision);
  EXPECT_NEAR(precision->bound_low, .888889, 5e-7);
  EXPECT_NEAR(precision->bound_high, .944444, 5e-7);
  EXPECT_NEAR(precision->grouped, .888889, 5e-7);
  EXPECT_EQ(precision->prevalence, .5);
  EXPECT_NEAR(AveragePrecisionOf(twelve_scores::Histogram())->grouped, .905556, 5e-7);
}

TEST(AveragePrecisionTest, TheClosedFormAgreesWithTheSum) {
  const Bin top{40, 3000};
  const Bin bottom{5000, 100'000};
  const auto precision = AveragePrecisionOf(Of({bottom, top}));
  ASSERT_TRUE(precision);
  long double sum = 0;
  for (int k = 1; k <= 40; ++k) sum += k / (k + 3000.0L);
  for (int k = 1; k <= 5000; ++k) sum += (40 + k) / (40 + k + 103'000.0L);
  EXPECT_NEAR(precision->bound_low, double(sum / 5040), 1e-14);
}

TEST(AveragePrecisionTest, OnePositiveBelowABillionNegativesKeepsItsDigits) {
  ScoreHistogram histogram;
  histogram.AddLabel(Score::FromClipped(.9), kFine, false, 1'000'000'000);
  histogram.AddLabel(Score::FromClipped(.1), kFine, true);
  const auto precision = AveragePrecisionOf(histogram);
  ASSERT_TRUE(precision);
  EXPECT_NEAR(precision->bound_low, 1.0 / 1'000'000'001, 1e-15);
  EXPECT_NEAR(precision->bound_high, 1.0 / 1'000'000'001, 1e-15);
}

TEST(AveragePrecisionTest, OneClassHasNone) {
  EXPECT_FALSE(AveragePrecisionOf({}));
  EXPECT_FALSE(AveragePrecisionOf(Of({{3, 0}})));
  EXPECT_FALSE(AveragePrecisionOf(Of({{0, 3}})));
}

TEST(OperatingCurveTest, HoldsOnePointPerBinFromFlaggingNothingToEverything) {
  const auto curve = OperatingCurve(twelve_scores::Histogram(), kFine);
  ASSERT_TRUE(curve);
  ASSERT_EQ(curve->size(), 12u);  // Eleven distinct scores.
  EXPECT_EQ(curve->front().threshold_q, kScoreOne + 1);
  EXPECT_EQ(curve->front().counts.flagged(), 0);
  EXPECT_EQ(curve->back().threshold_q, 0u);
  EXPECT_EQ(curve->back().counts.flagged(), 12);
  EXPECT_EQ((*curve)[4].counts.true_positive, 4);  // .97 .90 .80 .60
  EXPECT_EQ((*curve)[4].counts.false_positive, 0);
  EXPECT_FALSE(OperatingCurve(Of({{3, 0}}), kFine));
}

TEST(OperatingCurveTest, ThinningKeepsExactPointsAndBothEnds) {
  ScoreHistogram histogram;
  for (std::uint16_t bin = 0; bin < score_grid::BinCount(kFine); ++bin) {
    histogram.AddLabel(bin, false);
    if (bin % 3 == 0) histogram.AddLabel(bin, true);
  }
  const auto all = OperatingCurve(histogram, kFine, 5000);
  const auto thin = OperatingCurve(histogram, kFine);
  ASSERT_TRUE(all && thin);
  EXPECT_EQ(all->size(), 1602u);
  EXPECT_LE(thin->size(), 200u);
  EXPECT_GE(thin->size(), 150u);
  EXPECT_EQ(thin->front().counts.flagged(), 0);
  EXPECT_EQ(thin->back().counts.flagged(), all->back().counts.flagged());
  auto next = all->begin();
  for (const OperatingPoint& point : *thin) {
    while (next != all->end() && next->threshold_q != point.threshold_q) ++next;
    ASSERT_NE(next, all->end());
    EXPECT_EQ(next->counts.true_positive, point.counts.true_positive);
    EXPECT_EQ(next->counts.false_positive, point.counts.false_positive);
  }
}

TEST(BestF1Test, IsTheGreatestOverAllEdges) {
  // Flagging .45 and up: 5 of 6 positives and one negative, F1 = 10/12.
  const auto best = BestF1(twelve_scores::Histogram(), kFine);
  ASSERT_TRUE(best);
  EXPECT_NEAR(best->counts.F1().value(), 10.0 / 12.0, 1e-15);
  EXPECT_NEAR(best->counts.Precision().value(), 5.0 / 6.0, 1e-15);
  EXPECT_NEAR(best->counts.Recall().value(), 5.0 / 6.0, 1e-15);
  EXPECT_TRUE(Flags(Threshold{best->threshold_q}, Score::FromClipped(.45)));
  EXPECT_FALSE(Flags(Threshold{best->threshold_q}, Score::FromClipped(.35)));
  EXPECT_FALSE(BestF1(Of({{0, 3}}), kCoarse));
}

}  // namespace
}  // namespace guardwatch
