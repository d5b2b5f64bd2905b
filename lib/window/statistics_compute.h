#pragma once

#include <span>

#include "stats/labeled_bins.h"
#include "window/statistics.h"

// How the rows of the table are computed. docs/statistics.md has their formulas and sources.

namespace guardwatch::statistics {

StatisticValue Missing(std::string_view reason, std::int64_t n = 0);
StatisticValue Number(double value, std::int64_t n);
StatisticValue Rate(std::int64_t successes, std::int64_t trials);  // With Wilson's interval.

// The interval of 1.96 standard deviations around the value, within [0, 1].
void AddInterval(StatisticValue& value, double sd);

// Labelled scores, and the positives of them; units without scores have labels but none of these.
std::int64_t LabeledScores(const Aggregate& a);
std::int64_t PositiveScores(const Aggregate& a);

// Why something that needs labelled scores of both classes is not there.
StatisticValue OneClass(const Aggregate& a);

// Calibration errors over bins: expected (with its noise floor), greatest of a bin with 10 labels
// or more, mean over bins.
struct BinnedErrors {
  StatisticValue expected;
  StatisticValue maximum;
  StatisticValue average;
};
BinnedErrors BinnedErrorsOf(std::span<const LabeledBin> bins);

StatisticValue BandShare(const Aggregate& a);
StatisticValue FailRate(const Aggregate& a);
StatisticValue ErrorRate(const Aggregate& a);
StatisticValue MeanScore(const Aggregate& a);
StatisticValue Coverage(const Aggregate& a);
StatisticValue Prevalence(const Aggregate& a);
StatisticValue Precision(const Aggregate& a);
StatisticValue Recall(const Aggregate& a);
StatisticValue F1(const Aggregate& a);
StatisticValue FalsePositiveRate(const Aggregate& a);
StatisticValue Specificity(const Aggregate& a);
StatisticValue Accuracy(const Aggregate& a);
StatisticValue BalancedAccuracy(const Aggregate& a);
StatisticValue MatthewsCorrelation(const Aggregate& a);
StatisticValue CohenKappa(const Aggregate& a);

StatisticValue Ece(const Aggregate& a);
StatisticValue EceEqualMass(const Aggregate& a);
StatisticValue MaximumCalibrationError(const Aggregate& a);
StatisticValue MceEqualMass(const Aggregate& a);
StatisticValue AverageCalibrationError(const Aggregate& a);
StatisticValue AceEqualMass(const Aggregate& a);
StatisticValue SquaredCalibrationError(const Aggregate& a);
StatisticValue SquaredCalibrationErrorDebiased(const Aggregate& a);
StatisticValue SmoothEceStatistic(const Aggregate& a);
StatisticValue CalibrationGap(const Aggregate& a);
StatisticValue ObservedExpectedRatio(const Aggregate& a);
StatisticValue CalibrationSlope(const Aggregate& a);
StatisticValue CalibrationIntercept(const Aggregate& a);
StatisticValue CalibrationInTheLarge(const Aggregate& a);
StatisticValue HosmerLemeshowStatistic(const Aggregate& a);
StatisticValue HosmerLemeshowP(const Aggregate& a);
StatisticValue SpiegelhalterStatistic(const Aggregate& a);

StatisticValue LogLoss(const Aggregate& a);
StatisticValue LogLossBits(const Aggregate& a);
StatisticValue Perplexity(const Aggregate& a);
StatisticValue NormalisedEntropy(const Aggregate& a);
StatisticValue LogLossUnsaturated(const Aggregate& a);
StatisticValue Brier(const Aggregate& a);
StatisticValue BrierSkill(const Aggregate& a);
StatisticValue BrierReliability(const Aggregate& a);
StatisticValue BrierResolution(const Aggregate& a);
StatisticValue BrierUncertainty(const Aggregate& a);
StatisticValue BrierWithinBins(const Aggregate& a);
StatisticValue CorpMiscalibration(const Aggregate& a);
StatisticValue CorpDiscrimination(const Aggregate& a);

StatisticValue RocAucStatistic(const Aggregate& a);
StatisticValue AveragePrecisionStatistic(const Aggregate& a);
StatisticValue BestF1Statistic(const Aggregate& a);
StatisticValue BestF1Threshold(const Aggregate& a);

StatisticValue WeightedPrevalence(const Aggregate& a);
StatisticValue WeightedPrecision(const Aggregate& a);
StatisticValue WeightedRecall(const Aggregate& a);
StatisticValue WeightedFalsePositiveRate(const Aggregate& a);
StatisticValue WeightedF1(const Aggregate& a);
StatisticValue WeightedFailRate(const Aggregate& a);
StatisticValue WeightedLogLoss(const Aggregate& a);
StatisticValue WeightedBrier(const Aggregate& a);
StatisticValue WeightedEce(const Aggregate& a);
StatisticValue WeightedCalibrationGap(const Aggregate& a);
StatisticValue ClippedWeightShare(const Aggregate& a);

StatisticValue StratifiedPrevalence(const Aggregate& a);
StatisticValue StratifiedPrecision(const Aggregate& a);
StatisticValue StratifiedRecall(const Aggregate& a);
StatisticValue StratifiedF1(const Aggregate& a);
StatisticValue StratifiedRocAuc(const Aggregate& a);
StatisticValue StratifiedCalibrationGap(const Aggregate& a);

}  // namespace guardwatch::statistics
