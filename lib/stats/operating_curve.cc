#include "stats/operating_curve.h"

#include "base/int128.h"

namespace guardwatch {
namespace {

// Calls visit(point) for each occupied bin, thresholds falling, after flagging nothing.
template <class Visit>
void ForEachPoint(const ScoreHistogram& histogram, int m, Visit&& visit) {
  OperatingPoint point{kScoreOne + 1, {}};
  for (const HistogramCell& cell : histogram.cells()) {
    point.counts.false_negative += cell.positive;
    point.counts.true_negative += cell.negative;
  }
  visit(point);
  for (auto cell = histogram.cells().rbegin(); cell != histogram.cells().rend(); ++cell) {
    if (cell->labeled() <= 0) continue;
    point.threshold_q = score_grid::RangeOf(cell->bin, m).low;
    point.counts.true_positive += cell->positive;
    point.counts.false_negative -= cell->positive;
    point.counts.false_positive += cell->negative;
    point.counts.true_negative -= cell->negative;
    visit(point);
  }
}

// In [0, 2]: the sum of the two rates.
double Progress(const ClassCounts& counts) {
  return double(counts.true_positive) / double(counts.positives()) +
         double(counts.false_positive) / double(counts.negatives());
}

// F1 is 2 tp / (flagged + positives), and positives are the same everywhere.
bool HasGreaterF1(const ClassCounts& a, const ClassCounts& b) {
  return Int128{a.true_positive} * (b.flagged() + b.positives()) >
         Int128{b.true_positive} * (a.flagged() + a.positives());
}

}  // namespace

std::optional<std::vector<OperatingPoint>> OperatingCurve(const ScoreHistogram& histogram, int m,
                                                          std::size_t max_points) {
  std::vector<OperatingPoint> all;
  ForEachPoint(histogram, m, [&](const OperatingPoint& point) { all.push_back(point); });
  const ClassCounts& none = all.front().counts;
  if (none.positives() <= 0 || none.negatives() <= 0) return std::nullopt;
  all.back().threshold_q = 0;  // Below the lowest score there is nothing to tell apart.
  if (all.size() <= max_points) return all;

  // Each kept point but the ends is a full step beyond the one before: fewer than 2 / step of them.
  const double step = 2.0 / double(max_points - 2);
  std::vector<OperatingPoint> kept{all.front()};
  for (std::size_t i = 1; i + 1 < all.size(); ++i) {
    if (Progress(all[i].counts) - Progress(kept.back().counts) >= step) kept.push_back(all[i]);
  }
  kept.push_back(all.back());
  return kept;
}

std::optional<OperatingPoint> BestF1(const ScoreHistogram& histogram, int m) {
  std::optional<OperatingPoint> best;
  ForEachPoint(histogram, m, [&](const OperatingPoint& point) {
    if (point.counts.positives() <= 0) return;
    if (!best || HasGreaterF1(point.counts, best->counts)) best = point;
  });
  return best;
}

}  // namespace guardwatch
