#include "stats/ranking.h"

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

}  // namespace guardwatch
