#include "stats/calibration.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace guardwatch {
namespace {

struct Totals {
  std::int64_t labeled = 0;
  std::int64_t positive = 0;
  double expected = 0;
};

Totals TotalsOf(std::span<const LabeledBin> bins) {
  Totals totals;
  for (const LabeledBin& bin : bins) {
    totals.labeled += bin.labeled;
    totals.positive += bin.positive;
    totals.expected += bin.expected();
  }
  return totals;
}

}  // namespace

std::optional<CalibrationError> ExpectedCalibrationError(std::span<const LabeledBin> bins) {
  std::int64_t n = 0;
  double gap_mass = 0;       // sum n_b |f_b - o_b|
  double signed_mass = 0;    // sum n_b (f_b - o_b)
  double variance = 0;       // sum V_b
  double root_variance = 0;  // sum sqrt(V_b)
  for (const LabeledBin& bin : bins) {
    n += bin.labeled;
    const double gap = bin.expected() - double(bin.positive);
    gap_mass += std::abs(gap);
    signed_mass += gap;
    const double mean = bin.mean_score();
    const double v =
        std::max(0.0, double(bin.labeled) * mean * (1.0 - mean) - bin.square_deviation);
    variance += v;
    root_variance += std::sqrt(v);
  }
  if (n == 0) return std::nullopt;
  constexpr double kTwoOverPi = 2.0 * std::numbers::inv_pi;
  return CalibrationError{.ece = gap_mass / double(n),
                          .noise_floor = std::sqrt(kTwoOverPi) * root_variance / double(n),
                          .noise_sd = std::sqrt((1.0 - kTwoOverPi) * variance) / double(n),
                          .signed_gap = signed_mass / double(n),
                          .n = n};
}

std::optional<CalibrationGaps> MeasureCalibrationGaps(std::span<const LabeledBin> bins,
                                                      std::int64_t min_labeled) {
  const Totals totals = TotalsOf(bins);
  if (totals.labeled <= 0) return std::nullopt;
  CalibrationGaps gaps;
  std::int64_t skipped = 0;
  for (const LabeledBin& bin : bins) {
    const double gap = std::abs(bin.mean_score() - bin.positive_rate());
    gaps.average += gap;
    if (bin.labeled >= min_labeled) gaps.maximum = std::max(gap, gaps.maximum.value_or(0.0));
    const double weight = double(bin.labeled) / double(totals.labeled);
    gaps.square += weight * gap * gap;
    if (bin.labeled < 2) {
      skipped += bin.labeled;
      continue;
    }
    const double rate = bin.positive_rate();
    const double bias = rate * (1.0 - rate) / double(bin.labeled - 1);
    gaps.square_debiased += weight * (gap * gap - bias);
  }
  gaps.average /= double(bins.size());
  gaps.skipped_mass = double(skipped) / double(totals.labeled);
  if (totals.expected > 0) gaps.observed_over_expected = double(totals.positive) / totals.expected;
  return gaps;
}

std::optional<MurphyDecomposition> DecomposeBrier(std::span<const LabeledBin> bins) {
  const Totals totals = TotalsOf(bins);
  if (totals.labeled <= 0) return std::nullopt;
  const double n = double(totals.labeled);
  const double base_rate = double(totals.positive) / n;
  MurphyDecomposition murphy;
  murphy.uncertainty = base_rate * (1.0 - base_rate);
  for (const LabeledBin& bin : bins) {
    const double gap = bin.mean_score() - bin.positive_rate();
    const double lift = bin.positive_rate() - base_rate;
    murphy.reliability += double(bin.labeled) / n * gap * gap;
    murphy.resolution += double(bin.labeled) / n * lift * lift;
    murphy.within_variance += bin.square_deviation / n;
    murphy.within_covariance += bin.co_deviation / n;
  }
  return murphy;
}

}  // namespace guardwatch
