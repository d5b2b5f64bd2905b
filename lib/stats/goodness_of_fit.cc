#include "stats/goodness_of_fit.h"

#include <cmath>

#include <boost/math/special_functions/gamma.hpp>

#include "stats/labeled_points.h"

namespace guardwatch {

std::optional<HosmerLemeshow> HosmerLemeshowTest(std::span<const LabeledBin> bins) {
  HosmerLemeshow test;
  for (const LabeledBin& bin : bins) {
    const std::int64_t all = bin.labeled * std::int64_t{kScoreOne};
    if (bin.score_q == 0 || bin.score_q == all) {
      test.impossible_event |= bin.positive != (bin.score_q == 0 ? 0 : bin.labeled);
      continue;
    }
    const double excess = double(bin.positive) - bin.expected();
    test.statistic += excess * excess / (bin.expected() * (1.0 - bin.mean_score()));
    ++test.degrees;
  }
  if (test.degrees == 0) return std::nullopt;
  test.p_value = boost::math::gamma_q(test.degrees / 2.0, test.statistic / 2.0);
  return test;
}

std::optional<double> SpiegelhalterZ(const ScoreHistogram& histogram, int m) {
  double excess = 0;
  double variance = 0;
  for (const LabeledPoint& point : LabeledPointsOf(histogram, m)) {
    const double p = point.score;
    const double y = point.positive ? 1.0 : 0.0;
    const double lean = 1.0 - 2.0 * p;
    excess += double(point.n) * (y - p) * lean;
    variance += double(point.n) * lean * lean * p * (1.0 - p);
  }
  if (!(variance > 0)) return std::nullopt;
  return excess / std::sqrt(variance);
}

}  // namespace guardwatch
