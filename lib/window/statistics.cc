#include "window/statistics.h"

#include <array>

#include "window/statistics_compute.h"

namespace guardwatch {
namespace {

constexpr bool kLabelBased = true;
constexpr bool kHeadline = true;
constexpr bool kExpensive = true;
constexpr bool kBounded = true;

constexpr std::array kTable{
    Statistic{"band_share", "Share of scores within the band around the threshold, 0 to 1.", false,
              statistics::BandShare, kHeadline},
    Statistic{"fail_rate", "Share of decided requests that were flagged, 0 to 1.", false,
              statistics::FailRate, kHeadline},
    Statistic{"error_rate", "Share of requests on which the guardrail failed (open), 0 to 1.",
              false, statistics::ErrorRate, kHeadline},
    Statistic{"mean_score", "Mean score, 0 to 1.", false, statistics::MeanScore, kHeadline},
    Statistic{"coverage", "Share of scored requests that have a label, 0 to 1.", kLabelBased,
              statistics::Coverage, kHeadline},
    Statistic{"ece", "Expected calibration error over 15 equal-width bins, 0 to 1.", kLabelBased,
              statistics::Ece, kHeadline},
    Statistic{"calibration_gap", "Mean score minus positive rate, -1 to 1; above 0 over-predicts.",
              kLabelBased, statistics::CalibrationGap, kHeadline},
    Statistic{"precision", "Share of flagged requests whose label is positive, 0 to 1.",
              kLabelBased, statistics::Precision, kHeadline},
    Statistic{"recall", "Share of positive requests that were flagged, 0 to 1.", kLabelBased,
              statistics::Recall, kHeadline},
    Statistic{"f1", "Harmonic mean of precision and recall, 0 to 1.", kLabelBased, statistics::F1,
              kHeadline},
    Statistic{"false_positive_rate", "Share of negative requests that were flagged, 0 to 1.",
              kLabelBased, statistics::FalsePositiveRate, kHeadline},
    Statistic{"roc_auc", "Area under the ROC curve, from the score histogram, 0 to 1.", kLabelBased,
              statistics::RocAucStatistic, kHeadline},
    Statistic{"log_loss", "Mean cross-entropy, nats.", kLabelBased, statistics::LogLoss, kHeadline},
    Statistic{"brier", "Mean squared error of the score, 0 to 1.", kLabelBased, statistics::Brier,
              kHeadline},
    Statistic{"average_precision", "Area under the precision-recall curve, 0 to 1.", kLabelBased,
              statistics::AveragePrecisionStatistic, kHeadline, !kExpensive, kBounded},
    Statistic{"weighted_precision", "Precision of the traffic, from review probabilities, 0 to 1.",
              kLabelBased, statistics::WeightedPrecision, kHeadline},
    Statistic{"weighted_recall", "Recall of the traffic, from review probabilities, 0 to 1.",
              kLabelBased, statistics::WeightedRecall, kHeadline},

    Statistic{"prevalence", "Share of labelled requests whose label is positive, 0 to 1.",
              kLabelBased, statistics::Prevalence},
    Statistic{"specificity", "Share of negative requests that were not flagged, 0 to 1.",
              kLabelBased, statistics::Specificity},
    Statistic{"accuracy", "Share of decisions that agree with the label, 0 to 1.", kLabelBased,
              statistics::Accuracy},
    Statistic{"balanced_accuracy", "Mean of recall and specificity, 0 to 1.", kLabelBased,
              statistics::BalancedAccuracy},
    Statistic{"mcc", "Matthews correlation of decision and label, -1 to 1.", kLabelBased,
              statistics::MatthewsCorrelation},
    Statistic{"cohen_kappa", "Agreement of decision and label beyond chance, -1 to 1.", kLabelBased,
              statistics::CohenKappa},
    Statistic{"best_f1", "Greatest F1 that any threshold gives, 0 to 1.", kLabelBased,
              statistics::BestF1Statistic},
    Statistic{"best_f1_threshold", "The threshold that gives it, 0 to 1.", kLabelBased,
              statistics::BestF1Threshold},

    Statistic{"ece_equal_mass", "ECE over up to 15 bins of equally many labels, 0 to 1.",
              kLabelBased, statistics::EceEqualMass},
    Statistic{"smooth_ece", "Smooth calibration error, without bins, 0 to 1.", kLabelBased,
              statistics::SmoothEceStatistic, !kHeadline, kExpensive},
    Statistic{"mce", "Greatest calibration error of a bin with 10 labels or more, 0 to 1.",
              kLabelBased, statistics::MaximumCalibrationError},
    Statistic{"ace", "Mean calibration error of the bins with labels, 0 to 1.", kLabelBased,
              statistics::AverageCalibrationError},
    Statistic{"mce_equal_mass", "Greatest calibration error of a bin of equal mass, 0 to 1.",
              kLabelBased, statistics::MceEqualMass},
    Statistic{"ace_equal_mass", "Mean calibration error of bins of equal mass, 0 to 1.",
              kLabelBased, statistics::AceEqualMass},
    Statistic{"squared_calibration_error", "Mean squared calibration error, plug-in, 0 to 1.",
              kLabelBased, statistics::SquaredCalibrationError},
    Statistic{"squared_calibration_error_debiased",
              "The same without its upward bias; around 0, and below it, is no evidence.",
              kLabelBased, statistics::SquaredCalibrationErrorDebiased},
    Statistic{"observed_expected_ratio", "Positives over the sum of scores; 1 is calibrated.",
              kLabelBased, statistics::ObservedExpectedRatio},
    Statistic{"calibration_slope", "Slope of labels on logits; below 1 is over-confident.",
              kLabelBased, statistics::CalibrationSlope, !kHeadline, kExpensive},
    Statistic{"calibration_intercept", "Intercept of the same fit; 0 is calibrated.", kLabelBased,
              statistics::CalibrationIntercept, !kHeadline, kExpensive},
    Statistic{"calibration_in_the_large",
              "Intercept with the slope held at 1; above 0 under-predicts.", kLabelBased,
              statistics::CalibrationInTheLarge, !kHeadline, kExpensive},
    Statistic{"hosmer_lemeshow", "Chi-squared of the 15 bins; its noise floor is their number.",
              kLabelBased, statistics::HosmerLemeshowStatistic},
    Statistic{"hosmer_lemeshow_p", "Chance of such a chi-squared if scores are calibrated.",
              kLabelBased, statistics::HosmerLemeshowP},
    Statistic{"spiegelhalter_z", "Standard normal if scores are calibrated.", kLabelBased,
              statistics::SpiegelhalterStatistic},

    Statistic{"log_loss_bits", "Mean cross-entropy, bits.", kLabelBased, statistics::LogLossBits},
    Statistic{"perplexity", "e to the log loss, 1 or more.", kLabelBased, statistics::Perplexity},
    Statistic{"normalised_entropy", "Log loss over the entropy of the base rate; below 1 beats it.",
              kLabelBased, statistics::NormalisedEntropy},
    Statistic{"log_loss_unsaturated", "Log loss without scores of exactly 0 and 1, nats.",
              kLabelBased, statistics::LogLossUnsaturated},
    Statistic{"brier_skill", "1 - Brier score over that of the base rate; above 0 beats it.",
              kLabelBased, statistics::BrierSkill},
    Statistic{"brier_reliability", "What bins lose of the Brier score by being off, 0 to 1.",
              kLabelBased, statistics::BrierReliability},
    Statistic{"brier_resolution", "What telling bins apart gains of the Brier score, 0 to 0.25.",
              kLabelBased, statistics::BrierResolution},
    Statistic{"brier_uncertainty", "Brier score of the base rate, 0 to 0.25.", kLabelBased,
              statistics::BrierUncertainty},
    Statistic{"brier_within_bins", "What is left of the Brier score: the inside of the bins.",
              kLabelBased, statistics::BrierWithinBins},
    Statistic{"corp_miscalibration", "What an isotonic fit would gain of the Brier score, 0 to 1.",
              kLabelBased, statistics::CorpMiscalibration},
    Statistic{"corp_discrimination", "What the isotonic fit gains over the base rate, 0 to 0.25.",
              kLabelBased, statistics::CorpDiscrimination},

    Statistic{"weighted_prevalence", "Positive rate of the traffic, from review probabilities.",
              kLabelBased, statistics::WeightedPrevalence},
    Statistic{"weighted_fail_rate", "Fail rate of the traffic, from review probabilities.",
              kLabelBased, statistics::WeightedFailRate},
    Statistic{"weighted_false_positive_rate",
              "False positive rate of the traffic, from review probabilities.", kLabelBased,
              statistics::WeightedFalsePositiveRate},
    Statistic{"weighted_f1", "F1 of the traffic, from review probabilities.", kLabelBased,
              statistics::WeightedF1},
    Statistic{"weighted_log_loss", "Log loss of the traffic, from review probabilities, nats.",
              kLabelBased, statistics::WeightedLogLoss},
    Statistic{"weighted_brier", "Brier score of the traffic, from review probabilities.",
              kLabelBased, statistics::WeightedBrier},
    Statistic{"weighted_ece", "ECE of the traffic, from review probabilities.", kLabelBased,
              statistics::WeightedEce},
    Statistic{"weighted_calibration_gap",
              "Calibration gap of the traffic, from review probabilities.", kLabelBased,
              statistics::WeightedCalibrationGap},
    Statistic{"clipped_weight_share", "Share of the weight that lies on labels at its limit.",
              kLabelBased, statistics::ClippedWeightShare},

    Statistic{"stratified_prevalence",
              "Positive rate of the traffic, if review depends on the score alone.", kLabelBased,
              statistics::StratifiedPrevalence},
    Statistic{"stratified_precision",
              "Precision of the traffic, if review depends on the score alone.", kLabelBased,
              statistics::StratifiedPrecision},
    Statistic{"stratified_recall", "Recall of the traffic, if review depends on the score alone.",
              kLabelBased, statistics::StratifiedRecall},
    Statistic{"stratified_f1", "F1 of the traffic, if review depends on the score alone.",
              kLabelBased, statistics::StratifiedF1},
    Statistic{"stratified_roc_auc",
              "Area under the ROC curve, if review depends on the score alone.", kLabelBased,
              statistics::StratifiedRocAuc},
    Statistic{"stratified_calibration_gap",
              "Calibration gap of the traffic, if review depends on the score alone.", kLabelBased,
              statistics::StratifiedCalibrationGap},
};

}  // namespace

std::span<const Statistic> Statistics() { return kTable; }

const Statistic* FindStatistic(std::string_view name) {
  for (const Statistic& statistic : kTable) {
    if (statistic.name == name) return &statistic;
  }
  return nullptr;
}

}  // namespace guardwatch
