#include "stats/prevalence.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace guardwatch {
namespace {

// Variance of a rate of so many trials; 0 where it is known exactly.
double RateVariance(double rate, std::int64_t trials) {
  return trials > 0 ? rate * (1 - rate) / double(trials) : 0.0;
}

}  // namespace

std::optional<Prevalence> PrevalenceFromDecisions(std::int64_t flagged, std::int64_t n,
                                                  const DecisionRates& reference) {
  const double tpr = reference.true_positive_rate;
  const double fpr = reference.false_positive_rate;
  if (n <= 0 || !(tpr - fpr >= kLeastInformedness)) return std::nullopt;
  const double q = double(flagged) / double(n);
  Prevalence prevalence;
  prevalence.value = std::clamp((q - fpr) / (tpr - fpr), 0.0, 1.0);
  const double p = prevalence.value;
  const double variance = RateVariance(q, n) + p * p * RateVariance(tpr, reference.positives) +
                          (1 - p) * (1 - p) * RateVariance(fpr, reference.negatives);
  prevalence.se = std::sqrt(variance) / (tpr - fpr);
  return prevalence;
}

std::optional<Prevalence> PrevalenceFromScores(std::span<const CalibratedCount> counts,
                                               double reference_prevalence,
                                               PrevalenceIteration iteration) {
  GUARDWATCH_CHECK(reference_prevalence > 0 && reference_prevalence < 1);
  const double prior = reference_prevalence;
  double total = 0;
  bool informative = false;
  for (const CalibratedCount& count : counts) {
    total += count.n;
    informative = informative || (count.n > 0 && count.rate != prior);
  }
  if (!informative) return std::nullopt;

  Prevalence prevalence;
  prevalence.value = prior;
  double change = 1;
  while (change >= iteration.tolerance && prevalence.iterations < iteration.most) {
    const double p = prevalence.value;
    double positives = 0;
    for (const CalibratedCount& count : counts) {
      const double positive = p / prior * count.rate;
      const double negative = (1 - p) / (1 - prior) * (1 - count.rate);
      // Certain rates may leave nothing of either once p is 0 or 1.
      if (positive + negative > 0) positives += count.n * positive / (positive + negative);
    }
    prevalence.value = positives / total;
    change = std::fabs(prevalence.value - p);
    ++prevalence.iterations;
  }

  double information = 0;  // Minus the second derivative of the log likelihood.
  for (const CalibratedCount& count : counts) {
    const double positive = count.rate / prior;
    const double negative = (1 - count.rate) / (1 - prior);
    const double density = prevalence.value * positive + (1 - prevalence.value) * negative;
    if (!(density > 0)) continue;
    const double score = (positive - negative) / density;
    information += count.n * score * score;
  }
  prevalence.se = information > 0 ? 1 / std::sqrt(information) : 0.0;
  return prevalence;
}

bool LabelShiftExplains(const Prevalence& from_decisions, const Prevalence& from_scores) {
  constexpr double kStandardErrors = 3;
  return std::fabs(from_decisions.value - from_scores.value) <=
         kStandardErrors * std::hypot(from_decisions.se, from_scores.se);
}

}  // namespace guardwatch
