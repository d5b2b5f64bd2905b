#include "stats/ranking.h"

#include <algorithm>
#include <cmath>

#include "base/int128.h"
#include "stats/proportion.h"

namespace guardwatch {

std::optional<AreaUnderCurve> RocAuc(const ScoreHistogram& histogram) {
  AreaUnderCurve auc;
  for (const HistogramCell& cell : histogram.cells()) {
    auc.positives += cell.positive;
    auc.negatives += cell.negative;
  }
  if (auc.positives <= 0 || auc.negatives <= 0) return std::nullopt;

  // Pairs (positive, negative) ordered rightly, and tied within a bin: exact integers.
  Int128 ordered = 0;
  Int128 tied = 0;
  std::int64_t negatives_below = 0;
  for (const HistogramCell& cell : histogram.cells()) {
    ordered += Int128{cell.positive} * negatives_below;
    tied += Int128{cell.positive} * cell.negative;
    negatives_below += cell.negative;
  }
  const double p = double(auc.positives);
  const double n = double(auc.negatives);
  auc.bracket_low = double(ordered) / (p * n);
  auc.bracket_high = double(ordered + tied) / (p * n);
  auc.value = double(2 * ordered + tied) / (2.0 * p * n);

  if (auc.positives < 2 || auc.negatives < 2) return auc;
  double placed_positive = 0;  // sum P_i (V10_i - A)^2
  double placed_negative = 0;  // sum N_i (V01_i - A)^2
  std::int64_t below = 0;
  std::int64_t above = auc.positives;
  for (const HistogramCell& cell : histogram.cells()) {
    above -= cell.positive;
    const double v10 = (double(below) + double(cell.negative) / 2.0) / n - auc.value;
    const double v01 = (double(above) + double(cell.positive) / 2.0) / p - auc.value;
    placed_positive += double(cell.positive) * v10 * v10;
    placed_negative += double(cell.negative) * v01 * v01;
    below += cell.negative;
  }
  const double variance = placed_positive / (p - 1.0) / p + placed_negative / (n - 1.0) / n;
  const double spread = auc.value * (1.0 - auc.value);
  if (variance <= 0 || spread <= 0) return auc;
  const double logit = std::log(auc.value / (1.0 - auc.value));
  const double half = kZ95 * std::sqrt(variance) / spread;
  auc.low = 1.0 / (1.0 + std::exp(-(logit - half)));
  auc.high = 1.0 / (1.0 + std::exp(-(logit + half)));
  return auc;
}

std::optional<Interval> RocAucInterval(const AreaUnderCurve& auc, double alpha) {
  if (auc.low && auc.high) return Interval{*auc.low, *auc.high};
  const double pairs = double(std::min(auc.positives, auc.negatives));
  const double bound = std::pow(alpha, 1.0 / pairs);
  if (auc.value == 1.0) return Interval{bound, 1.0};
  if (auc.value == 0.0) return Interval{0.0, 1.0 - bound};
  return std::nullopt;
}

double GuaranteedRocAuc(const AreaUnderCurve& auc, double alpha) {
  const double pairs = double(std::min(auc.positives, auc.negatives));
  return std::max(0.0, auc.value - std::sqrt(-std::log(alpha) / (2.0 * pairs)));
}

double HanleyMcNeilError(double area, std::int64_t positives, std::int64_t negatives) {
  const double p = double(positives);
  const double n = double(negatives);
  const double square = area * area;
  const double two_positives = area / (2.0 - area);          // Q1: both above one negative.
  const double two_negatives = 2.0 * square / (1.0 + area);  // Q2: one positive above both.
  const double variance = area * (1.0 - area) + (p - 1.0) * (two_positives - square) +
                          (n - 1.0) * (two_negatives - square);
  return std::sqrt(std::max(0.0, variance) / (p * n));
}

}  // namespace guardwatch
