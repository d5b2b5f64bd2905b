#include <algorithm>

#include "stats/calibration.h"
#include "stats/goodness_of_fit.h"
#include "stats/proportion.h"
#include "stats/recalibration.h"
#include "stats/smooth_calibration.h"
#include "window/statistics_compute.h"

// Whether scores mean what they say.

namespace guardwatch::statistics {
namespace {

// The greatest gap of a few labels is chance: with ten, the observed rate is known to +-0.3.
constexpr std::int64_t kFewestLabelsForMaximum = 10;

StatisticValue OfError(const std::optional<CalibrationError>& error) {
  StatisticValue ece = Number(error->ece, error->n);
  ece.noise_floor = error->noise_floor;
  return ece;
}

std::optional<CalibrationGaps> GapsOf(const Aggregate& a) {
  return MeasureCalibrationGaps(LabeledBinsOf(a.reliability), kFewestLabelsForMaximum);
}

StatisticValue Gap(const Aggregate& a, double CalibrationGaps::*part) {
  const auto gaps = GapsOf(a);
  if (!gaps) return Missing("no_data");
  return Number((*gaps).*part, LabeledScores(a));
}

// Estimates whose interval is the normal one of their standard error.
StatisticValue WithError(double value, double se, std::int64_t n) {
  StatisticValue estimate = Number(value, n);
  estimate.low = value - kZ95 * se;
  estimate.high = value + kZ95 * se;
  return estimate;
}

bool HasBothClasses(const Aggregate& a) {
  return PositiveScores(a) > 0 && PositiveScores(a) < LabeledScores(a);
}

StatisticValue OfFit(const Aggregate& a, const std::optional<Recalibration>& fit,
                     double Recalibration::*value, double Recalibration::*se) {
  if (!HasBothClasses(a)) return OneClass(a);
  if (!fit) return Missing("too_few", LabeledScores(a));
  return WithError((*fit).*value, (*fit).*se, LabeledScores(a));
}

std::optional<HosmerLemeshow> TestOf(const Aggregate& a) {
  return HosmerLemeshowTest(LabeledBinsOf(a.reliability));
}

// All scores are certain, so nothing varies that could be tested.
StatisticValue Untestable(const Aggregate& a) {
  const std::int64_t n = LabeledScores(a);
  return Missing(n == 0 ? "no_data" : "too_few", n);
}

StatisticValue OfEqualWidth(const Aggregate& a, StatisticValue BinnedErrors::*part) {
  return BinnedErrorsOf(LabeledBinsOf(a.reliability)).*part;
}

StatisticValue OfEqualMass(const Aggregate& a, StatisticValue BinnedErrors::*part) {
  const auto bins = FrozenBins::From(a.histogram, a.histogram.m());
  const std::int64_t n = LabeledScores(a);
  if (!bins) return Missing(n == 0 ? "no_data" : "too_few", n);
  return BinnedErrorsOf(LabeledBinsOf(a.histogram, *bins)).*part;
}

}  // namespace

BinnedErrors BinnedErrorsOf(std::span<const LabeledBin> bins) {
  const auto error = ExpectedCalibrationError(bins);
  const auto gaps = MeasureCalibrationGaps(bins, kFewestLabelsForMaximum);
  if (!error || !gaps) return {Missing("no_data"), Missing("no_data"), Missing("no_data")};
  return {OfError(error),
          gaps->maximum ? Number(*gaps->maximum, error->n) : Missing("too_few", error->n),
          Number(gaps->average, error->n)};
}

StatisticValue Ece(const Aggregate& a) { return OfEqualWidth(a, &BinnedErrors::expected); }
StatisticValue MaximumCalibrationError(const Aggregate& a) {
  return OfEqualWidth(a, &BinnedErrors::maximum);
}
StatisticValue AverageCalibrationError(const Aggregate& a) {
  return OfEqualWidth(a, &BinnedErrors::average);
}

StatisticValue EceEqualMass(const Aggregate& a) { return OfEqualMass(a, &BinnedErrors::expected); }
StatisticValue MceEqualMass(const Aggregate& a) { return OfEqualMass(a, &BinnedErrors::maximum); }
StatisticValue AceEqualMass(const Aggregate& a) { return OfEqualMass(a, &BinnedErrors::average); }

StatisticValue SquaredCalibrationError(const Aggregate& a) {
  return Gap(a, &CalibrationGaps::square);
}
StatisticValue SquaredCalibrationErrorDebiased(const Aggregate& a) {
  return Gap(a, &CalibrationGaps::square_debiased);
}

StatisticValue SmoothEceStatistic(const Aggregate& a) {
  const auto error = SmoothEce(a.histogram, a.histogram.m());
  return error ? Number(error->value, LabeledScores(a)) : Missing("no_data");
}

StatisticValue CalibrationGap(const Aggregate& a) {
  const auto error = ExpectedCalibrationError(a.reliability);
  if (!error) return Missing("no_data");
  return Number(error->signed_gap, error->n);
}

StatisticValue ObservedExpectedRatio(const Aggregate& a) {
  const auto gaps = GapsOf(a);
  if (!gaps) return Missing("no_data");
  if (!gaps->observed_over_expected) return Missing("too_few", LabeledScores(a));
  return Number(*gaps->observed_over_expected, LabeledScores(a));
}

StatisticValue CalibrationSlope(const Aggregate& a) {
  return OfFit(a, FitRecalibration(a.histogram, a.histogram.m()), &Recalibration::slope,
               &Recalibration::slope_se);
}
StatisticValue CalibrationIntercept(const Aggregate& a) {
  return OfFit(a, FitRecalibration(a.histogram, a.histogram.m()), &Recalibration::intercept,
               &Recalibration::intercept_se);
}
StatisticValue CalibrationInTheLarge(const Aggregate& a) {
  return OfFit(a, FitIntercept(a.histogram, a.histogram.m()), &Recalibration::intercept,
               &Recalibration::intercept_se);
}

StatisticValue HosmerLemeshowStatistic(const Aggregate& a) {
  const auto test = TestOf(a);
  if (!test) return Untestable(a);
  StatisticValue value = Number(test->statistic, LabeledScores(a));
  value.noise_floor = double(test->degrees);  // The mean of chi-squared.
  return value;
}

StatisticValue HosmerLemeshowP(const Aggregate& a) {
  const auto test = TestOf(a);
  return test ? Number(test->p_value, LabeledScores(a)) : Untestable(a);
}

StatisticValue SpiegelhalterStatistic(const Aggregate& a) {
  const auto z = SpiegelhalterZ(a.histogram, a.histogram.m());
  return z ? Number(*z, LabeledScores(a)) : Untestable(a);
}

}  // namespace guardwatch::statistics
