#pragma once

#include <cstdint>
#include <optional>

#include "stats/score_histogram.h"

namespace guardwatch {

// Area under the precision-recall curve as the mean precision at each positive, from the highest
// score down (no interpolation; Manning, Raghavan, Schuetze 2008, section 8.4).
//
// From a histogram the exact value is only known to lie in [bound_low, bound_high]. `grouped` takes
// the scores of a grid bin to be tied: it is what one gets from binned scores. All in (0, 1].
struct AveragePrecision {
  double grouped = 0;
  double bound_low = 0;
  double bound_high = 0;
  double prevalence = 0;  // Share of positives: the average precision of a random order.
  std::int64_t positives = 0;
  std::int64_t negatives = 0;
};

// Nullopt unless there are labels of both classes.
std::optional<AveragePrecision> AveragePrecisionOf(const ScoreHistogram& histogram);

}  // namespace guardwatch
