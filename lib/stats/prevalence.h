#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace guardwatch {

// The share of positives in unlabelled traffic, if only that share has changed: label shift,
// P(score | y) as in the reference. Two estimators that go wrong in different ways when it is not
// so, which is what makes them a test of it.

struct Prevalence {
  double value = 0;  // In [0, 1].
  double se = 0;     // Standard error, before clipping to [0, 1].
};

// What the decisions did in the reference.
struct DecisionRates {
  double true_positive_rate = 0;
  double false_positive_rate = 0;
  std::int64_t positives = 0;  // Labels behind the rates; 0: they are known exactly.
  std::int64_t negatives = 0;
};

// Rates closer than this say too little about what was flagged.
inline constexpr double kLeastInformedness = 0.1;

// (q - FPR) / (TPR - FPR), q the flagged share of n scores, clipped to [0, 1]: black box shift
// estimation, Lipton, Wang, Smola (2018); as an adjusted count Gart, Buck (1966). Nullopt without
// scores, or if TPR - FPR is below kLeastInformedness.
std::optional<Prevalence> PrevalenceFromDecisions(std::int64_t flagged, std::int64_t n,
                                                  const DecisionRates& reference);

// Live scores with one calibrated chance of a positive, right at the reference's prevalence. Counts
// may be fractional.
struct CalibratedCount {
  double rate = 0;  // In [0, 1].
  double n = 0;
};

// Maximum likelihood, given the reference's prevalence in (0, 1): what expectation-maximisation
// ends at (Saerens, Latinne, Decaestecker 2002), found without its many steps, since the likelihood
// is concave. se from the observed information. Nullopt without scores, or if every rate is the
// reference's prevalence: then scores say nothing.
std::optional<Prevalence> PrevalenceFromScores(std::span<const CalibratedCount> counts,
                                               double reference_prevalence);

// Whether both may be the same: no more than three standard errors of their difference apart. If
// they are not, the change is no label shift but concept drift or drifting calibration. They share
// their data, so that this errs on the side of agreement.
bool LabelShiftExplains(const Prevalence& from_decisions, const Prevalence& from_scores);

}  // namespace guardwatch
