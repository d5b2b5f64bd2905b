#include "window/statistics.h"

#include <cmath>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "stats/review.h"
#include "stats/twelve_scores.h"

namespace guardwatch {
namespace {

void AddLabeled(Aggregate& a, double p, bool positive, double threshold, int grid) {
  const Score score = Score::FromClipped(p);
  const Int128 q = score.q;
  a.scored += 1;
  a.sampled += 1;
  a.decided += 1;
  a.with_threshold += 1;
  a.labeled += 1;
  a.positive += positive ? 1 : 0;
  a.score_q += q;
  a.loss += LogLossQ24(score, positive);
  a.labeled_score_q_squared += q * q;
  a.positive_score_q += positive ? q : 0;
  a.reliability.Add(score, positive);
  a.histogram.AddLabel(score, grid, positive);
  const bool flagged = p >= threshold;
  a.flagged += flagged ? 1 : 0;
  std::int64_t& cell = flagged ? (positive ? a.true_positive : a.false_positive)
                               : (positive ? a.false_negative : a.true_negative);
  ++cell;
}

Aggregate Labeled(int times, double p, bool positive) {
  Aggregate a;
  for (int i = 0; i < times; ++i) AddLabeled(a, p, positive, 0.5, score_grid::kFine);
  return a;
}

// The twelve scores as a window of a guardrail that flags from 0.5.
Aggregate Twelve(int grid = score_grid::kFine) {
  Aggregate a;
  for (std::size_t i = 0; i < twelve_scores::kP.size(); ++i) {
    AddLabeled(a, twelve_scores::kP[i], twelve_scores::kY[i], 0.5, grid);
  }
  return a;
}

StatisticValue Of(const Aggregate& a, std::string_view name) {
  const Statistic* statistic = FindStatistic(name);
  EXPECT_NE(statistic, nullptr) << name;
  return statistic->compute(a);
}

void ExpectValue(const Aggregate& a, std::string_view name, double value, double tolerance) {
  const StatisticValue got = Of(a, name);
  ASSERT_TRUE(got.value) << name << ": " << got.reason;
  EXPECT_NEAR(*got.value, value, tolerance) << name;
}

void ExpectMissing(const Aggregate& a, std::string_view name, std::string_view reason) {
  const StatisticValue got = Of(a, name);
  EXPECT_FALSE(got.value) << name;
  EXPECT_EQ(got.reason, reason) << name;
}

// Worked out by hand from the formulas, in double precision.
TEST(StatisticsTable, TwelveScoresGiveTheWorkedValues) {
  const Aggregate a = Twelve();
  ExpectValue(a, "ece", 0.2125, 1e-9);
  ExpectValue(a, "ace", 0.22666667, 1e-8);
  ExpectValue(a, "squared_calibration_error", 0.07496667, 1e-8);
  ExpectValue(a, "squared_calibration_error_debiased", -0.055525, 1e-8);
  ExpectValue(a, "calibration_gap", -0.0675, 1e-9);
  ExpectValue(a, "observed_expected_ratio", 1.156069, 1e-6);
  ExpectValue(a, "hosmer_lemeshow", 6.25542437, 1e-7);
  ExpectValue(a, "calibration_slope", 0.921709, 1e-4);  // The ridge moves the fifth digit.
  ExpectValue(a, "calibration_intercept", 0.434863, 1e-4);
  ExpectValue(a, "calibration_in_the_large", 0.472211, 1e-6);
  ExpectValue(a, "spiegelhalter_z", 0.247135, 1e-5);
  ExpectValue(a, "smooth_ece", 0.09857, 1e-5);

  ExpectValue(a, "log_loss", 0.477809, 1e-6);
  ExpectValue(a, "log_loss_bits", 0.689332, 1e-6);
  ExpectValue(a, "perplexity", 1.612537, 1e-6);
  ExpectValue(a, "normalised_entropy", 0.689332, 1e-6);
  ExpectValue(a, "log_loss_unsaturated", 0.477809, 1e-6);
  ExpectValue(a, "brier", 0.154275, 1e-9);
  ExpectValue(a, "brier_skill", 0.3829, 1e-8);
  ExpectValue(a, "brier_reliability", 0.07496667, 1e-8);
  ExpectValue(a, "brier_resolution", 0.16666667, 1e-8);
  ExpectValue(a, "brier_uncertainty", 0.25, 1e-12);
  ExpectValue(a, "brier_within_bins", -0.004025, 1e-9);
  ExpectValue(a, "corp_miscalibration", 0.0501083, 1e-6);
  ExpectValue(a, "corp_discrimination", 0.1458333, 1e-6);

  ExpectValue(a, "roc_auc", 0.875, 1e-12);
  ExpectValue(a, "average_precision", 0.905556, 1e-6);
  ExpectValue(a, "prevalence", 0.5, 1e-12);
  ExpectValue(a, "best_f1", 10.0 / 12.0, 1e-12);
  ExpectValue(a, "accuracy", 9.0 / 12.0, 1e-12);
  ExpectValue(a, "specificity", 5.0 / 6.0, 1e-12);
  ExpectValue(a, "balanced_accuracy", 0.75, 1e-12);
  ExpectValue(a, "mcc", 18.0 / std::sqrt(5.0 * 6.0 * 6.0 * 7.0), 1e-12);
  ExpectValue(a, "cohen_kappa", 0.5, 1e-12);
}

TEST(StatisticsTable, TheCoarseGridOfASliceGivesTheSameWithinItsWidth) {
  const Aggregate whole = Twelve();
  const Aggregate slice = Twelve(score_grid::kCoarse);
  ASSERT_EQ(slice.histogram.m(), score_grid::kCoarse);
  for (const Statistic& statistic : Statistics()) {
    const StatisticValue fine = statistic.compute(whole);
    const StatisticValue coarse = statistic.compute(slice);
    ASSERT_EQ(fine.value.has_value(), coarse.value.has_value()) << statistic.name;
    if (!fine.value) continue;
    EXPECT_NEAR(*fine.value, *coarse.value, 0.01) << statistic.name;
  }
}

TEST(StatisticsTable, MeanLossesHaveTheNormalInterval) {
  const Aggregate a = Twelve();
  const StatisticValue loss = Of(a, "log_loss");
  EXPECT_NEAR(*loss.low, 0.116441, 1e-5);
  EXPECT_NEAR(*loss.high, 0.839176, 1e-5);
  const StatisticValue brier = Of(a, "brier");
  EXPECT_NEAR(*brier.low, 0.021693, 1e-5);
  EXPECT_NEAR(*brier.high, 0.286857, 1e-5);
}

TEST(StatisticsTable, AveragePrecisionStandsBesideItsBoundsAndThePrevalence) {
  const StatisticValue precision = Of(Twelve(), "average_precision");
  EXPECT_LE(*precision.low, *precision.value);
  EXPECT_GE(*precision.high, *precision.value);
  EXPECT_DOUBLE_EQ(*precision.noise_floor, 0.5);
}

TEST(StatisticsTable, TheBrierScoreIsTheSumOfItsParts) {
  const Aggregate a = Twelve();
  EXPECT_NEAR(*Of(a, "brier").value,
              *Of(a, "brier_reliability").value - *Of(a, "brier_resolution").value +
                  *Of(a, "brier_uncertainty").value + *Of(a, "brier_within_bins").value,
              1e-15);
}

TEST(StatisticsTable, OneClassIsAReason) {
  const Aggregate a = Labeled(60, 0.2, false);
  for (const char* name :
       {"roc_auc", "average_precision", "calibration_slope", "calibration_intercept",
        "calibration_in_the_large", "normalised_entropy", "brier_skill", "corp_miscalibration",
        "corp_discrimination", "balanced_accuracy", "mcc", "cohen_kappa", "best_f1",
        "best_f1_threshold"}) {
    ExpectMissing(a, name, "one_class");
  }
  ExpectValue(a, "mce", 0.2, 1e-8);
  ExpectValue(a, "specificity", 1.0, 0.0);
}

TEST(StatisticsTable, FewLabelsSayNothingOfTheWorstBinOrOfEqualMass) {
  ExpectMissing(Twelve(), "mce", "too_few");
  for (const char* name : {"ece_equal_mass", "mce_equal_mass", "ace_equal_mass"}) {
    ExpectMissing(Twelve(), name, "too_few");
  }
}

TEST(StatisticsTable, CertainScoresCannotBeTestedAndCostWhatTheyCost) {
  Aggregate a = Labeled(9, 0.0, false);
  a += Labeled(1, 0.0, true);
  ExpectMissing(a, "hosmer_lemeshow", "too_few");
  ExpectMissing(a, "spiegelhalter_z", "too_few");
  ExpectMissing(a, "observed_expected_ratio", "too_few");
  ExpectMissing(a, "log_loss_unsaturated", "no_data");
  ExpectValue(a, "log_loss", 2.1488, 1e-4);  // 21.49 nats, once in ten.
}

TEST(StatisticsTable, NamesAreUniqueAndWhatIsExpensiveIsNoHeadline) {
  std::set<std::string_view> names;
  for (const Statistic& statistic : Statistics()) {
    EXPECT_TRUE(names.insert(statistic.name).second) << statistic.name;
    EXPECT_FALSE(statistic.headline && statistic.expensive) << statistic.name;
  }
}

// 1000 requests near the threshold are reviewed with probability 1/2, and a fifth of the labels is
// positive; of 9000 others one in 20 is reviewed, and 1 in 50 positive. The traffic has 380
// positives in 10 000.
Aggregate UnevenReview() {
  Aggregate a;
  const auto review = [&](int labels, int positives, double probability) {
    const auto weight = static_cast<std::uint32_t>(ReviewWeight::From(probability).q24);
    for (int i = 0; i < labels; ++i) a.weighted.AddLabel(weight, i < positives, 1);
    a.labeled += labels;
    a.positive += positives;
  };
  review(500, 100, 0.5);
  review(450, 9, 0.05);
  a.sampled = 10'000;
  return a;
}

TEST(WeightedStatistics, ReviewProbabilitiesGiveTheRateOfTheTraffic) {
  const Aggregate a = UnevenReview();
  ExpectValue(a, "prevalence", 109.0 / 950.0, 1e-12);
  ExpectValue(a, "weighted_prevalence", 0.038, 1e-12);
  EXPECT_EQ(Of(a, "weighted_prevalence").n, 549);  // 10000^2 / (500 * 4 + 450 * 400)
  ExpectValue(a, "clipped_weight_share", 0.0, 0.0);
}

TEST(WeightedStatistics, EqualWeightsChangeNothing) {
  Aggregate a = Twelve();
  for (std::size_t i = 0; i < twelve_scores::kP.size(); ++i) {
    const Score score = Score::FromClipped(twelve_scores::kP[i]);
    const auto weight = static_cast<std::uint32_t>(ReviewWeight::From(0.25).q24);
    a.weighted.AddLabel(weight, twelve_scores::kY[i], 1);
    a.weighted.AddScore(weight, score, twelve_scores::kY[i], 1);
    a.weighted.AddDecision(weight, twelve_scores::kP[i] >= 0.5, twelve_scores::kY[i], 1);
  }
  for (const char* name : {"precision", "recall", "false_positive_rate", "f1", "prevalence",
                           "log_loss", "brier", "ece", "calibration_gap"}) {
    const StatisticValue raw = Of(a, name);
    const StatisticValue weighted = Of(a, "weighted_" + std::string(name));
    EXPECT_NEAR(*weighted.value, *raw.value, 1e-12) << name;
  }
  EXPECT_NEAR(*Of(a, "weighted_ece").noise_floor, *Of(a, "ece").noise_floor, 1e-12);
  EXPECT_NEAR(*Of(a, "weighted_recall").low, *Of(a, "recall").low, 1e-12);
}

TEST(WeightedStatistics, WeightsAtTheirLimitAreTold) {
  Aggregate a;
  a.weighted.AddLabel(50u << 24, true, 1);
  a.weighted.AddLabel(50u << 24, false, 1);
  a.weighted.AddLabel(1u << 24, false, 1);
  ExpectValue(a, "clipped_weight_share", 100.0 / 101.0, 1e-12);
}

}  // namespace
}  // namespace guardwatch
