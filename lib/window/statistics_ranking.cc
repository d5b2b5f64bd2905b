#include <algorithm>

#include "stats/average_precision.h"
#include "stats/operating_curve.h"
#include "stats/ranking.h"
#include "window/statistics_compute.h"

// How well scores order requests, whatever the threshold.

namespace guardwatch::statistics {

StatisticValue RocAucStatistic(const Aggregate& a) {
  const auto auc = RocAuc(a.histogram);
  if (!auc) return OneClass(a);
  StatisticValue value = Number(auc->value, auc->positives + auc->negatives);
  if (const auto interval = RocAucInterval(*auc)) {
    value.low = interval->low;
    value.high = interval->high;
  }
  return value;
}

StatisticValue AveragePrecisionStatistic(const Aggregate& a) {
  const auto precision = AveragePrecisionOf(a.histogram);
  if (!precision) return OneClass(a);
  StatisticValue value = Number(precision->grouped, precision->positives + precision->negatives);
  value.low = precision->bound_low;
  value.high = precision->bound_high;
  value.noise_floor = precision->prevalence;
  return value;
}

StatisticValue BestF1Statistic(const Aggregate& a) {
  const auto best = BestF1(a.histogram, a.histogram.m());
  if (!best) return OneClass(a);
  return Number(*best->counts.F1(), LabeledScores(a));
}

StatisticValue BestF1Threshold(const Aggregate& a) {
  const auto best = BestF1(a.histogram, a.histogram.m());
  if (!best) return OneClass(a);
  return Number(Score{std::min(best->threshold_q, kScoreOne)}.probability(), LabeledScores(a));
}

}  // namespace guardwatch::statistics
