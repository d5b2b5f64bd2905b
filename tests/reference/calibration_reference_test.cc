#include <gtest/gtest.h>

#include "reference/fixture.h"
#include "stats/calibration.h"
#include "stats/corp.h"
#include "stats/goodness_of_fit.h"
#include "stats/recalibration.h"
#include "stats/smooth_calibration.h"

namespace guardwatch::reference {
namespace {

using score_grid::kFine;

LabeledBins FifteenBins(const LabeledScores& scores) {
  ReliabilityBins bins;
  scores.ForEach([&](Score score, bool y) { bins.Add(score, y); });
  return LabeledBinsOf(bins);
}

TEST(CalibrationReferenceTest, GapsInFifteenBins) {
  ForEachLabeledCase("calibration.csv", [](const LabeledScores& scores, const Case& expected) {
    const LabeledBins bins = FifteenBins(scores);
    const auto error = ExpectedCalibrationError(bins);
    ExpectSame(expected, "ece", Part(error, &CalibrationError::ece));
    ExpectSame(expected, "gap", Part(error, &CalibrationError::signed_gap));
    ExpectSame(expected, "floor", Part(error, &CalibrationError::noise_floor));
    ExpectSame(expected, "floor_sd", Part(error, &CalibrationError::noise_sd));
    const auto gaps = MeasureCalibrationGaps(bins, 3);
    ExpectSame(expected, "ace", Part(gaps, &CalibrationGaps::average));
    ExpectSame(expected, "square", Part(gaps, &CalibrationGaps::square));
    ExpectSame(expected, "debiased", Part(gaps, &CalibrationGaps::square_debiased));
    ExpectSame(expected, "skipped", Part(gaps, &CalibrationGaps::skipped_mass));
    ExpectSame(expected, "mce", gaps ? gaps->maximum : std::nullopt);
    ExpectSame(expected, "oe", gaps ? gaps->observed_over_expected : std::nullopt);
  });
}

TEST(CalibrationReferenceTest, TestsOfFit) {
  ForEachLabeledCase("calibration.csv", [](const LabeledScores& scores, const Case& expected) {
    const auto test = HosmerLemeshowTest(FifteenBins(scores));
    ExpectSame(expected, "hl", Part(test, &HosmerLemeshow::statistic));
    ExpectSame(expected, "hl_p", Part(test, &HosmerLemeshow::p_value));
    ExpectSame(expected, "z", SpiegelhalterZ(scores.Histogram(), kFine));
  });
}

TEST(CalibrationReferenceTest, Recalibration) {
  ForEachLabeledCase("calibration.csv", [](const LabeledScores& scores, const Case& expected) {
    const auto fit = FitRecalibration(scores.Histogram(), kFine);
    ExpectSame(expected, "a", Part(fit, &Recalibration::intercept));
    ExpectSame(expected, "b", Part(fit, &Recalibration::slope));
    ExpectSame(expected, "se_a", Part(fit, &Recalibration::intercept_se));
    ExpectSame(expected, "se_b", Part(fit, &Recalibration::slope_se));
    const auto large = FitIntercept(scores.Histogram(), kFine);
    ExpectSame(expected, "large", Part(large, &Recalibration::intercept));
    ExpectSame(expected, "se_large", Part(large, &Recalibration::intercept_se));
  });
}

TEST(CalibrationReferenceTest, SmoothError) {
  ForEachLabeledCase("calibration.csv", [](const LabeledScores& scores, const Case& expected) {
    ExpectSame(expected, "smooth", SmoothEceAt(scores.Histogram(), kFine, .1));
    ExpectSame(expected, "smooth_narrow", SmoothEceAt(scores.Histogram(), kFine, .02));
    // Both ends of the bisection are within 1e-7 of the fixed point.
    ExpectSame(expected, "smooth_fixpoint",
               Part(SmoothEce(scores.Histogram(), kFine), &SmoothCalibrationError::value), 2e-7);
  });
}

TEST(CalibrationReferenceTest, MurphyDecompositionInFiveBinsOfEqualMass) {
  ForEachLabeledCase("decomposition.csv", [](const LabeledScores& scores, const Case& expected) {
    const ScoreHistogram histogram = scores.Histogram();
    const auto frozen = FrozenBins::EqualMass(histogram, kFine, 5);
    const auto murphy = DecomposeBrier(frozen ? LabeledBinsOf(histogram, *frozen) : LabeledBins{});
    ExpectSame(expected, "rel", Part(murphy, &MurphyDecomposition::reliability));
    ExpectSame(expected, "res", Part(murphy, &MurphyDecomposition::resolution));
    ExpectSame(expected, "unc", Part(murphy, &MurphyDecomposition::uncertainty));
    ExpectSame(expected, "wbv", Part(murphy, &MurphyDecomposition::within_variance));
    ExpectSame(expected, "wbc", Part(murphy, &MurphyDecomposition::within_covariance));
    if (murphy) ExpectSame(expected, "brier", murphy->brier());
  });
}

TEST(CalibrationReferenceTest, CorpDecomposition) {
  ForEachLabeledCase("decomposition.csv", [](const LabeledScores& scores, const Case& expected) {
    const auto corp = DecomposeCorp(scores.Histogram(), kFine);
    const auto part = [&](const ScoreDecomposition CorpDecomposition::*rule,
                          double ScoreDecomposition::*member) -> std::optional<double> {
      if (!corp) return std::nullopt;
      return (*corp).*rule.*member;
    };
    ExpectSame(expected, "corp_brier", part(&CorpDecomposition::brier, &ScoreDecomposition::score));
    ExpectSame(expected, "corp_mcb",
               part(&CorpDecomposition::brier, &ScoreDecomposition::miscalibration));
    ExpectSame(expected, "corp_dsc",
               part(&CorpDecomposition::brier, &ScoreDecomposition::discrimination));
    ExpectSame(expected, "corp_log",
               part(&CorpDecomposition::log_loss, &ScoreDecomposition::score));
    ExpectSame(expected, "corp_log_mcb",
               part(&CorpDecomposition::log_loss, &ScoreDecomposition::miscalibration));
    ExpectSame(expected, "corp_log_dsc",
               part(&CorpDecomposition::log_loss, &ScoreDecomposition::discrimination));
    if (corp) ExpectSame(expected, "corp_blocks", double(corp->blocks.size()));
  });
}

}  // namespace
}  // namespace guardwatch::reference
