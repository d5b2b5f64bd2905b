#include <cmath>

#include <gtest/gtest.h>

#include "reference/fixture.h"
#include "stats/average_precision.h"
#include "stats/operating_curve.h"
#include "stats/ranking.h"

namespace guardwatch::reference {
namespace {

using score_grid::kFine;

TEST(RankingReferenceTest, AreaUnderTheRocCurve) {
  ForEachLabeledCase("ranking.csv", [](const LabeledScores& scores, const Case& expected) {
    const auto auc = RocAuc(scores.Histogram());
    ExpectSame(expected, "auc", Part(auc, &AreaUnderCurve::value));
    if (!auc) return;
    ExpectSame(expected, "hanley", HanleyMcNeilError(auc->value, auc->positives, auc->negatives));
    // DeLong's error is shown as an interval on the logit scale, where there is one.
    const double error = expected.Value("delong").value_or(0.0);
    const bool has_interval = error > 1e-12 && auc->value > 0 && auc->value < 1;
    ASSERT_EQ(auc->low.has_value(), has_interval);
    if (!has_interval) return;
    const double half = kZ95 * error / (auc->value * (1 - auc->value));
    const double logit = std::log(auc->value / (1 - auc->value));
    EXPECT_NEAR(*auc->low, 1 / (1 + std::exp(half - logit)), 1e-9);
    EXPECT_NEAR(*auc->high, 1 / (1 + std::exp(-half - logit)), 1e-9);
  });
}

TEST(RankingReferenceTest, AveragePrecisionAndItsBounds) {
  ForEachLabeledCase("ranking.csv", [](const LabeledScores& scores, const Case& expected) {
    const auto precision = AveragePrecisionOf(scores.Histogram());
    ExpectSame(expected, "ap", Part(precision, &AveragePrecision::grouped));
    ExpectSame(expected, "ap_low", Part(precision, &AveragePrecision::bound_low));
    ExpectSame(expected, "ap_high", Part(precision, &AveragePrecision::bound_high));
  });
}

TEST(RankingReferenceTest, CurvePoints) {
  ForEachLabeledCase("ranking.csv", [](const LabeledScores& scores, const Case& expected) {
    const auto curve = OperatingCurve(scores.Histogram(), kFine);
    ASSERT_EQ(curve.has_value(), expected.Value("auc").has_value());
    if (!curve) return;
    const auto false_positive_rate = expected.List("fpr");
    const auto recall = expected.List("tpr");
    ASSERT_EQ(curve->size(), recall.size());
    for (std::size_t i = 0; i < curve->size(); ++i) {
      EXPECT_NEAR((*curve)[i].counts.FalsePositiveRate().value(), false_positive_rate[i], 1e-9);
      EXPECT_NEAR((*curve)[i].counts.Recall().value(), recall[i], 1e-9);
    }
  });
}

TEST(RankingReferenceTest, BestF1) {
  ForEachLabeledCase("ranking.csv", [](const LabeledScores& scores, const Case& expected) {
    if (!expected.Value("best_f1")) return;
    const auto best = BestF1(scores.Histogram(), kFine);
    ASSERT_TRUE(best);
    ExpectSame(expected, "best_f1", best->counts.F1());
    ExpectSame(expected, "best_precision", best->counts.Precision());
    ExpectSame(expected, "best_recall", best->counts.Recall());
  });
}

TEST(ConfusionReferenceTest, RatiosOfFourCounts) {
  for (const Case& expected : Read("confusion.csv")) {
    const auto counts = expected.Integers("counts");
    const ClassCounts classes{counts[0], counts[1], counts[2], counts[3]};
    SCOPED_TRACE(::testing::PrintToString(counts));
    ExpectSame(expected, "precision", classes.Precision());
    ExpectSame(expected, "recall", classes.Recall());
    ExpectSame(expected, "accuracy", classes.Accuracy());
    ExpectSame(expected, "specificity", classes.Specificity());
    ExpectSame(expected, "balanced", classes.BalancedAccuracy());
    ExpectSame(expected, "f1", classes.F1());
    ExpectSame(expected, "matthews", classes.MatthewsCorrelation());
    ExpectSame(expected, "kappa", classes.CohenKappa());
  }
}

}  // namespace
}  // namespace guardwatch::reference
