#include "stats/corp.h"

#include <algorithm>
#include <cmath>

#include "base/int128.h"
#include "stats/labeled_points.h"

namespace guardwatch {
namespace {

constexpr double kFloor = 0x1p-31;  // Half a quantum of the score.

// Of n labels, s of them positive, all given the probability p: the sum of each scoring rule.
double BrierSum(double p, double n, double s) {
  return s * (1.0 - p) * (1.0 - p) + (n - s) * p * p;
}

double LogLossSum(double p, double n, double s) {
  const double positives = s > 0 ? -s * std::log(p) : 0.0;
  return positives + (n > s ? -(n - s) * std::log1p(-p) : 0.0);
}

ScoreDecomposition Decompose(double raw, double fitted, double base, double n) {
  return {raw / n, (raw - fitted) / n, (base - fitted) / n, base / n};
}

// Whether the rate does not rise from a to b.
bool Pools(const IsotonicBlock& a, const IsotonicBlock& b) {
  return Int128{a.positive} * b.labeled >= Int128{b.positive} * a.labeled;
}

}  // namespace

std::vector<IsotonicBlock> IsotonicFit(const ScoreHistogram& histogram, int m) {
  std::vector<IsotonicBlock> blocks;
  for (const HistogramCell& cell : histogram.cells()) {
    if (cell.labeled() <= 0) continue;
    const double score = double(cell.NegativeScoreQ(m) + cell.PositiveScoreQ(m)) /
                         double{kScoreOne} / double(cell.labeled());
    blocks.push_back({score, score, score, cell.labeled(), cell.positive});
    while (blocks.size() > 1 && Pools(blocks[blocks.size() - 2], blocks.back())) {
      const IsotonicBlock last = blocks.back();
      blocks.pop_back();
      IsotonicBlock& into = blocks.back();
      const double n = double(into.labeled + last.labeled);
      into.score_mean =
          (into.score_mean * double(into.labeled) + last.score_mean * double(last.labeled)) / n;
      into.score_last = last.score_last;
      into.labeled += last.labeled;
      into.positive += last.positive;
    }
  }
  return blocks;
}

std::optional<CorpDecomposition> DecomposeCorp(const ScoreHistogram& histogram, int m) {
  double n = 0;
  double s = 0;
  double brier = 0;
  double log_loss = 0;
  for (const LabeledPoint& point : LabeledPointsOf(histogram, m)) {
    const double labeled = double(point.n);
    const double positive = point.positive ? labeled : 0.0;
    n += labeled;
    s += positive;
    brier += BrierSum(point.score, labeled, positive);
    log_loss += LogLossSum(std::clamp(point.score, kFloor, 1.0 - kFloor), labeled, positive);
  }
  if (s <= 0 || s >= n) return std::nullopt;
  CorpDecomposition corp;
  corp.blocks = IsotonicFit(histogram, m);
  double fitted_brier = 0;
  double fitted_log_loss = 0;
  for (const IsotonicBlock& block : corp.blocks) {
    fitted_brier += BrierSum(block.rate(), double(block.labeled), double(block.positive));
    fitted_log_loss += LogLossSum(block.rate(), double(block.labeled), double(block.positive));
  }
  corp.brier = Decompose(brier, fitted_brier, BrierSum(s / n, n, s), n);
  corp.log_loss = Decompose(log_loss, fitted_log_loss, LogLossSum(s / n, n, s), n);
  return corp;
}

}  // namespace guardwatch
