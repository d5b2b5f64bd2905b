#pragma once

#include <cmath>
#include <cstdint>

#include "simulate_random.h"

namespace guardwatch {

enum class LabelChange : std::uint8_t { kNone, kSlope, kTemperature, kAuc };

struct Labelled {
  double score = 0;
  bool positive = false;

  double Brier() const { return (score - (positive ? 1 : 0)) * (score - (positive ? 1 : 0)); }
};

// Scores with their labels. For the calibration: log-odds from a normal distribution with mean -2
// and sd 1.5, 19 % positives, calibrated at first; then the slope of the labels' log-odds falls to
// .8, or the scores' log-odds are divided by a temperature of 1.3. For the ranking: a tenth are
// positive, two normal distributions of equal variance with an AUC of .95, calibrated at first;
// then the positives move to an AUC of .93.
class LabelledStream {
 public:
  LabelledStream(bool ranking, std::uint64_t seed) : ranking_(ranking), random_(seed) {}

  Labelled Next(LabelChange change) {
    if (ranking_) return NextRanked(change == LabelChange::kAuc);
    const double log_odds = -2 + 1.5 * random_.Normal();
    const double scored = change == LabelChange::kTemperature ? log_odds / 1.3 : log_odds;
    const double labelled = change == LabelChange::kSlope ? .8 * log_odds : log_odds;
    return {Probability(scored), random_.Uniform() < Probability(labelled)};
  }

 private:
  static constexpr double kDistance = 2.3261743;  // Of the means, in sd: AUC .95.
  static constexpr double kCloser = 2.0870840;    // AUC .93.

  static double Probability(double log_odds) { return 1 / (1 + std::exp(-log_odds)); }

  Labelled NextRanked(bool closer) {
    const bool positive = random_.Uniform() < .1;
    const double x = random_.Normal() + (positive ? (closer ? kCloser : kDistance) : 0);
    return {Probability(kDistance * x - kDistance * kDistance / 2 + std::log(.1 / .9)), positive};
  }

  bool ranking_;
  Random random_;
};

}  // namespace guardwatch
