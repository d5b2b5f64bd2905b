#include "stats/labeled_points.h"

namespace guardwatch {

std::vector<LabeledPoint> LabeledPointsOf(const ScoreHistogram& histogram, int m) {
  std::vector<LabeledPoint> points;
  const auto add = [&](std::int64_t n, std::int64_t score_q, bool positive) {
    if (n > 0) points.push_back({double(score_q) / double{kScoreOne} / double(n), n, positive});
  };
  for (const HistogramCell& cell : histogram.cells()) {
    add(cell.negative, cell.NegativeScoreQ(m), false);
    add(cell.positive, cell.PositiveScoreQ(m), true);
  }
  return points;
}

}  // namespace guardwatch
