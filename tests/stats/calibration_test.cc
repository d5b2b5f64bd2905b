#include "stats/calibration.h"

#include <cmath>
#include <cstddef>

#include <gtest/gtest.h>

#include "stats/corp.h"
#include "stats/goodness_of_fit.h"
#include "stats/recalibration.h"
#include "stats/smooth_calibration.h"
#include "stats/twelve_scores.h"

namespace guardwatch {
namespace {

using score_grid::kCoarse;
using score_grid::kFine;
using twelve_scores::FiveBins;
using twelve_scores::FiveIntegerBins;
using twelve_scores::FourEqualBins;
using twelve_scores::Histogram;

TEST(CalibrationErrorTest, TwelveScoresInFiveBinsAreBelowTheNoiseFloor) {
  const auto error = ExpectedCalibrationError(FiveBins());
  ASSERT_TRUE(error);
  EXPECT_NEAR(error->ece, 0.175833, 5e-7);
  EXPECT_NEAR(error->signed_gap, -0.0675, 1e-9);
  EXPECT_NEAR(error->noise_floor, 0.1915, 5e-5);
  EXPECT_NEAR(error->noise_sd, 0.0655, 5e-5);
  EXPECT_LT(error->z(), 0);
}

TEST(CalibrationErrorTest, OnIntegersTwoScoresMoveABinDown) {
  const auto error = ExpectedCalibrationError(FiveIntegerBins());
  ASSERT_TRUE(error);
  EXPECT_NEAR(error->ece, 0.1758333, 5e-8);
  EXPECT_NEAR(error->noise_floor, 0.1835772, 5e-8);
}

TEST(CalibrationErrorTest, FourBinsOfEqualMass) {
  EXPECT_NEAR(ExpectedCalibrationError(FourEqualBins())->ece, 0.095833, 5e-7);
}

TEST(CalibrationGapsTest, TwelveScoresInFiveBins) {
  const auto gaps = MeasureCalibrationGaps(FiveBins());
  ASSERT_TRUE(gaps);
  EXPECT_NEAR(gaps->maximum.value(), 0.4, 1e-9);
  EXPECT_NEAR(gaps->average, 0.2035, 1e-9);
  EXPECT_NEAR(gaps->square, 0.0450646, 5e-8);
  EXPECT_NEAR(gaps->square_debiased, -0.03076875, 5e-9);
  EXPECT_NEAR(gaps->skipped_mass, 1.0 / 12.0, 1e-15);  // .60 is alone.
  EXPECT_NEAR(gaps->observed_over_expected.value(), 1.15607, 5e-6);
}

TEST(CalibrationGapsTest, TwelveScoresInFiveIntegerBins) {
  const auto gaps = MeasureCalibrationGaps(FiveIntegerBins());
  ASSERT_TRUE(gaps);
  EXPECT_NEAR(gaps->square, 0.0371882, 5e-8);
  EXPECT_NEAR(gaps->square_debiased, -0.01475625, 5e-9);
  EXPECT_NEAR(gaps->average, 0.1811667, 5e-8);
  EXPECT_NEAR(gaps->maximum.value(), 0.325, 1e-9);
}

TEST(CalibrationGapsTest, TheMaximumIsOverBinsWithEnoughLabels) {
  EXPECT_NEAR(MeasureCalibrationGaps(FourEqualBins())->maximum.value(), 0.13333, 5e-6);
  // .60 alone misses by .4; of two labels, .30 and .35 miss most.
  EXPECT_NEAR(MeasureCalibrationGaps(FiveBins(), 2)->maximum.value(), 0.325, 1e-9);
  EXPECT_FALSE(MeasureCalibrationGaps(FiveBins(), 5)->maximum);
}

TEST(CalibrationGapsTest, WithoutLabelsOrExpectationThereIsNothing) {
  EXPECT_FALSE(MeasureCalibrationGaps({}));
  EXPECT_FALSE(ExpectedCalibrationError(LabeledBins{}));
  EXPECT_FALSE(DecomposeBrier({}));
  const LabeledBins zeros{{.labeled = 3, .positive = 1}};
  EXPECT_FALSE(MeasureCalibrationGaps(zeros)->observed_over_expected);
}

TEST(MurphyTest, TermsInsideBinsMakeTheBrierScoreExact) {
  const auto murphy = DecomposeBrier(FiveBins());
  ASSERT_TRUE(murphy);
  EXPECT_NEAR(murphy->reliability, .0450646, 5e-8);
  EXPECT_NEAR(murphy->resolution, .1458333, 5e-8);
  EXPECT_NEAR(murphy->uncertainty, .25, 1e-15);
  EXPECT_NEAR(murphy->within_variance, .0021271, 5e-8);
  EXPECT_NEAR(murphy->within_covariance, -.0014583, 5e-8);
  EXPECT_NEAR(murphy->brier(), 0.154275, 1e-9);

  const auto on_integers = DecomposeBrier(FiveIntegerBins());
  EXPECT_NEAR(on_integers->resolution, .1319444, 5e-8);
  EXPECT_NEAR(on_integers->within_variance, .0016701, 5e-8);
  EXPECT_NEAR(on_integers->within_covariance, .0013194, 5e-8);
  EXPECT_NEAR(on_integers->brier(), 0.154275, 1e-9);
}

TEST(MurphyTest, TheScoreGridLosesNothingWhileItsBinsHoldOneScoreEach) {
  EXPECT_NEAR(DecomposeBrier(LabeledBinsOf(Histogram(), kFine))->brier(), 0.154275, 1e-9);
  const auto frozen = FrozenBins::EqualMass(Histogram(), kFine, 4);
  ASSERT_TRUE(frozen);
  EXPECT_NEAR(DecomposeBrier(LabeledBinsOf(Histogram(), *frozen))->brier(), 0.154275, 1e-9);
}

TEST(FrozenBinsTest, TiesStayTogetherAndEdgesDoNotCoincide) {
  const auto four = FrozenBins::EqualMass(Histogram(), kFine, 4);
  ASSERT_TRUE(four);
  const LabeledBins bins = LabeledBinsOf(Histogram(), *four);
  ASSERT_EQ(bins.size(), 4u);
  EXPECT_EQ(bins[0].labeled, 4);  // Both .10.
  EXPECT_EQ(bins[1].labeled, 2);
  EXPECT_EQ(bins[2].labeled, 3);
  EXPECT_EQ(bins[3].labeled, 3);

  ScoreHistogram one_score;
  for (int i = 0; i < 1000; ++i) one_score.AddLabel(Score::FromClipped(.2), kCoarse, i % 3 == 0);
  EXPECT_EQ(FrozenBins::From(one_score, kCoarse)->last.size(), 1u);
}

TEST(FrozenBinsTest, ThereIsOneBinPerFiftyLabelsUpToFifteen) {
  const auto bins_of = [](std::uint32_t labels) -> std::size_t {
    ScoreHistogram reference;
    for (std::uint32_t i = 0; i < labels; ++i) {
      reference.AddLabel(Score{i * 536'000u}, kCoarse, i % 2 == 0);
    }
    const auto frozen = FrozenBins::From(reference, kCoarse);
    return frozen ? frozen->last.size() : 0;
  };
  EXPECT_EQ(bins_of(49), 0u);
  EXPECT_EQ(bins_of(50), 1u);
  EXPECT_EQ(bins_of(150), 3u);
  EXPECT_EQ(bins_of(2000), 15u);
}

TEST(FrozenBinsTest, EveryScoreOfALaterWindowHasABin) {
  const auto frozen = FrozenBins::EqualMass(Histogram(kCoarse), kCoarse, 3);
  ASSERT_TRUE(frozen);
  ScoreHistogram later;
  later.AddLabel(Score{0}, kCoarse, false);
  later.AddLabel(Score{kScoreOne}, kCoarse, true);
  const LabeledBins bins = LabeledBinsOf(later, *frozen);
  ASSERT_EQ(bins.size(), 2u);
  EXPECT_EQ(bins[0].score_q, 0);
  EXPECT_EQ(bins[1].score_q, std::int64_t{kScoreOne});
}

TEST(HosmerLemeshowTest, TwelveScoresFitWell) {
  const auto five = HosmerLemeshowTest(FiveBins());
  ASSERT_TRUE(five);
  EXPECT_NEAR(five->statistic, 4.11699, 5e-6);
  EXPECT_EQ(five->degrees, 5);
  EXPECT_NEAR(five->p_value, 0.533, 5e-4);
  const auto on_integers = HosmerLemeshowTest(FiveIntegerBins());
  EXPECT_NEAR(on_integers->statistic, 3.6828584, 1e-7);
  EXPECT_NEAR(on_integers->p_value, .5959169, 5e-8);
}

TEST(HosmerLemeshowTest, ACertainScoreThatIsWrongIsImpossibleAndNotInfinite) {
  const LabeledBins right{{.labeled = 2, .positive = 0, .score_q = 0},
                          {.labeled = 2, .positive = 1, .score_q = kScoreOne}};
  ASSERT_TRUE(HosmerLemeshowTest(right));
  EXPECT_FALSE(HosmerLemeshowTest(right)->impossible_event);
  EXPECT_EQ(HosmerLemeshowTest(right)->degrees, 1);
  LabeledBins wrong = right;
  wrong[0].positive = 1;
  EXPECT_TRUE(HosmerLemeshowTest(wrong)->impossible_event);
  EXPECT_EQ(HosmerLemeshowTest(wrong)->degrees, 1);
  EXPECT_FALSE(HosmerLemeshowTest({}));
}

TEST(SpiegelhalterTest, TwelveScores) {
  EXPECT_NEAR(SpiegelhalterZ(Histogram(), kFine).value(), 0.247135, 5e-7);
  ScoreHistogram certain;
  certain.AddLabel(Score{0}, kFine, true);
  EXPECT_FALSE(SpiegelhalterZ(certain, kFine));
}

TEST(RecalibrationTest, TwelveScoresWithoutRidge) {
  const auto fit = FitRecalibration(Histogram(), kFine, 0.0);
  ASSERT_TRUE(fit);
  EXPECT_NEAR(fit->intercept, 0.434863, 5e-7);
  EXPECT_NEAR(fit->slope, 0.921709, 5e-7);
  EXPECT_NEAR(fit->intercept_se, .7866, 5e-5);
  EXPECT_NEAR(fit->slope_se, .5353, 5e-5);
}

TEST(RecalibrationTest, TheRidgeIsFarBelowTheStandardError) {
  const auto fit = FitRecalibration(Histogram(), kFine);
  ASSERT_TRUE(fit);
  EXPECT_NEAR(fit->intercept, 0.4348849, 5e-7);
  EXPECT_NEAR(fit->slope, 0.9217535, 5e-7);
}

TEST(RecalibrationTest, InTheLarge) {
  const auto fit = FitIntercept(Histogram(), kFine);
  ASSERT_TRUE(fit);
  EXPECT_NEAR(fit->intercept, 0.472211, 5e-7);
  EXPECT_NEAR(fit->intercept_se, .7621, 5e-5);
  EXPECT_EQ(fit->slope, 1.0);
}

TEST(RecalibrationTest, SeparatedClassesHaveAFiniteSlopeAndOneClassHasNone) {
  ScoreHistogram separated;
  for (int i = 0; i < 100; ++i) {
    separated.AddLabel(Score::FromClipped(.4), kFine, false);
    separated.AddLabel(Score::FromClipped(.6), kFine, true);
  }
  const auto fit = FitRecalibration(separated, kFine);
  ASSERT_TRUE(fit);
  EXPECT_GT(fit->slope, 5);
  EXPECT_LT(fit->slope, 100);

  ScoreHistogram one_class;
  one_class.AddLabel(Score::FromClipped(.4), kFine, false);
  EXPECT_FALSE(FitRecalibration(one_class, kFine));
  EXPECT_FALSE(FitIntercept(one_class, kFine));
}

TEST(RecalibrationTest, OverwhelmingSurpriseStillConverges) {
  ScoreHistogram histogram;  // Certain and wrong, but for one.
  for (int i = 0; i < 1000; ++i) histogram.AddLabel(Score{0}, kFine, true);
  histogram.AddLabel(Score{0}, kFine, false);
  const auto fit = FitIntercept(histogram, kFine);
  ASSERT_TRUE(fit);
  EXPECT_NEAR(fit->intercept, 20 + std::log(1000.0), 1e-9);
}

TEST(SmoothEceTest, TwelveScores) {
  EXPECT_NEAR(SmoothEceAt(Histogram(), kFine, .1).value(), 0.097595, 5e-7);
  const auto smooth = SmoothEce(Histogram(), kFine);
  ASSERT_TRUE(smooth);
  EXPECT_NEAR(smooth->value, 0.0985650, 5e-7);
  EXPECT_NEAR(smooth->bandwidth, smooth->value, 1e-6);
  EXPECT_FALSE(SmoothEce({}, kFine));
}

TEST(CorpTest, TwelveScores) {
  const auto corp = DecomposeCorp(Histogram(), kFine);
  ASSERT_TRUE(corp);
  const struct {
    double first, last;
    std::int64_t labeled, positive;
  } blocks[] = {{.02, .05, 2, 0}, {.10, .35, 4, 1}, {.45, .55, 2, 1}, {.60, .97, 4, 4}};
  ASSERT_EQ(corp->blocks.size(), std::size(blocks));
  for (std::size_t i = 0; i < corp->blocks.size(); ++i) {
    EXPECT_NEAR(corp->blocks[i].score_first, blocks[i].first, 1e-9);
    EXPECT_NEAR(corp->blocks[i].score_last, blocks[i].last, 1e-9);
    EXPECT_EQ(corp->blocks[i].labeled, blocks[i].labeled);
    EXPECT_EQ(corp->blocks[i].positive, blocks[i].positive);
  }
  EXPECT_NEAR(corp->brier.score, .154275, 1e-9);
  EXPECT_NEAR(corp->brier.miscalibration, .0501083, 5e-8);
  EXPECT_NEAR(corp->brier.discrimination, .1458333, 5e-8);
  EXPECT_NEAR(corp->brier.uncertainty, .25, 1e-15);
  EXPECT_NEAR(corp->log_loss.score, 0.477809, 5e-7);
  // The fit costs (4 ln 4 - 3 ln 3 + 2 ln 2) / 12 nats, the base rate ln 2.
  const double fitted = (4 * std::log(4.0) - 3 * std::log(3.0) + 2 * std::log(2.0)) / 12;
  EXPECT_NEAR(corp->log_loss.miscalibration, 0.477809 - fitted, 5e-7);
  EXPECT_NEAR(corp->log_loss.discrimination, std::log(2.0) - fitted, 1e-12);
}

TEST(CorpTest, OneClassHasNoDecompositionButAFit) {
  ScoreHistogram negatives;
  negatives.AddLabel(Score::FromClipped(.3), kFine, false);
  negatives.AddLabel(Score::FromClipped(.6), kFine, false);
  EXPECT_FALSE(DecomposeCorp(negatives, kFine));
  ASSERT_EQ(IsotonicFit(negatives, kFine).size(), 1u);
  EXPECT_EQ(IsotonicFit(negatives, kFine)[0].rate(), 0.0);
  EXPECT_TRUE(IsotonicFit({}, kFine).empty());
}

}  // namespace
}  // namespace guardwatch
