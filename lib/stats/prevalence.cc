#include "stats/prevalence.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"

namespace guardwatch {
namespace {

// Variance of a rate of so many trials; 0 where it is known exactly.
double RateVariance(double rate, std::int64_t trials) {
  return trials > 0 ? rate * (1 - rate) / double(trials) : 0.0;
}

// Up to rounding, as where all labels are in one block.
bool SayNothing(std::span<const CalibratedCount> counts, double prior) {
  return std::none_of(counts.begin(), counts.end(), [prior](const CalibratedCount& count) {
    return count.n > 0 && std::fabs(count.rate - prior) > 1e-12;
  });
}

// Derivatives of the log likelihood of a prevalence: the first, and minus the second.
struct Likelihood {
  double slope = 0;
  double information = 0;
};

Likelihood LikelihoodOf(std::span<const CalibratedCount> counts, double prior, double p) {
  Likelihood likelihood;
  for (const CalibratedCount& count : counts) {
    if (count.n <= 0) continue;
    const double positive = count.rate / prior;
    const double negative = (1 - count.rate) / (1 - prior);
    // Where certain rates leave no chance for what was seen, p is not there but beyond.
    const double density =
        std::max(p * positive + (1 - p) * negative, std::numeric_limits<double>::min());
    const double gain = (positive - negative) / density;
    likelihood.slope += count.n * gain;
    likelihood.information += count.n * gain * gain;
  }
  return likelihood;
}

// Of a function that falls from above 0 at 0 to below 0 at 1, to the last digit.
template <class Function>
double RootOfFalling(const Function& f) {
  double low = 0;
  double high = 1;
  for (;;) {
    const double middle = low + (high - low) / 2;
    if (!(low < middle && middle < high)) return middle;
    (f(middle) > 0 ? low : high) = middle;
  }
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
                                               double reference_prevalence) {
  GUARDWATCH_CHECK(reference_prevalence > 0 && reference_prevalence < 1);
  if (SayNothing(counts, reference_prevalence)) return std::nullopt;
  const auto slope = [&](double p) { return LikelihoodOf(counts, reference_prevalence, p).slope; };
  Prevalence prevalence;
  if (slope(0) <= 0) {
    prevalence.value = 0;
  } else if (slope(1) >= 0) {
    prevalence.value = 1;
  } else {
    prevalence.value = RootOfFalling(slope);
  }
  const double information =
      LikelihoodOf(counts, reference_prevalence, prevalence.value).information;
  prevalence.se = information > 0 ? 1 / std::sqrt(information) : 0.0;
  return prevalence;
}

bool LabelShiftExplains(const Prevalence& from_decisions, const Prevalence& from_scores) {
  constexpr double kStandardErrors = 3;
  return std::fabs(from_decisions.value - from_scores.value) <=
         kStandardErrors * std::hypot(from_decisions.se, from_scores.se);
}

}  // namespace guardwatch
