#include "stats/loss.h"

#include <cmath>
#include <map>
#include <numbers>
#include <utility>
#include <vector>

#include "base/score.h"
#include "stats/cross_entropy.h"

namespace guardwatch {
namespace {

void Remove(Score score, std::int64_t negative, std::int64_t positive, LossSums& sums) {
  const Int128 q = score.q;
  sums.n -= negative + positive;
  sums.positive -= positive;
  sums.loss_q24 -= Int128{negative} * LogLossQ24(score, false);
  sums.loss_q24 -= Int128{positive} * LogLossQ24(score, true);
  sums.score_q_squared -= q * q * (negative + positive);
  sums.positive_score_q -= q * positive;
}

double BinaryEntropy(double rate) { return BinaryCrossEntropy(rate, rate); }

// Counts of each bin that either histogram occupies: (current, reference).
std::map<std::uint16_t, std::pair<double, double>> SharedBins(const ScoreHistogram& current,
                                                              const ScoreHistogram& reference) {
  std::map<std::uint16_t, std::pair<double, double>> bins;
  for (const HistogramCell& cell : current.cells()) {
    if (cell.scored > 0) bins[cell.bin].first += double(cell.scored);
  }
  for (const HistogramCell& cell : reference.cells()) {
    if (cell.scored > 0) bins[cell.bin].second += double(cell.scored);
  }
  return bins;
}

}  // namespace

LossSums LossSums::WithoutSaturated(const ScoreHistogram& histogram, int m) const {
  LossSums rest = *this;
  for (const HistogramCell& cell : histogram.cells()) {
    if (cell.bin == 0) Remove(Score{0}, cell.negative, cell.positive, rest);
    if (cell.bin + 1 == score_grid::BinCount(m)) {
      Remove(Score{kScoreOne}, cell.negative, cell.positive, rest);
    }
  }
  return rest;
}

double MeanLogLoss::bits() const { return nats / std::numbers::ln2; }

double MeanLogLoss::perplexity() const { return std::exp(nats); }

std::optional<MeanLogLoss> LogLossOf(const LossSums& sums) {
  if (sums.n <= 0) return std::nullopt;
  MeanLogLoss loss;
  loss.n = sums.n;
  loss.nats = double(sums.loss_q24) / 0x1p24 / double(sums.n);
  if (sums.positive > 0 && sums.positive < sums.n) {
    loss.normalized_entropy = loss.nats / BinaryEntropy(double(sums.positive) / double(sums.n));
  }
  return loss;
}

std::optional<MeanBrier> BrierOf(const LossSums& sums) {
  if (sums.n <= 0) return std::nullopt;
  // sum (q - 2^30 y)^2, an integer identity; divided once.
  const Int128 squares = sums.score_q_squared - 2 * Int128{kScoreOne} * sums.positive_score_q +
                         Int128{kScoreOne} * kScoreOne * sums.positive;
  MeanBrier brier;
  brier.score = double(squares) / 0x1p60 / double(sums.n);
  const double rate = double(sums.positive) / double(sums.n);
  if (sums.positive > 0 && sums.positive < sums.n) {
    brier.skill = 1.0 - brier.score / (rate * (1.0 - rate));
  }
  return brier;
}

std::optional<ScoreDivergence> DivergenceOf(const ScoreHistogram& current,
                                            const ScoreHistogram& reference) {
  const auto bins = SharedBins(current, reference);
  double total = 0;
  double reference_total = 0;
  for (const auto& [bin, counts] : bins) {
    total += counts.first;
    reference_total += counts.second;
  }
  if (total <= 0 || reference_total <= 0) return std::nullopt;
  const double smoothing = double(bins.size()) / 2.0;
  std::vector<double> shares;
  std::vector<double> reference_shares;
  for (const auto& [bin, counts] : bins) {
    shares.push_back((counts.first + 0.5) / (total + smoothing));
    reference_shares.push_back((counts.second + 0.5) / (reference_total + smoothing));
  }
  ScoreDivergence result;
  result.entropy = Entropy(shares);
  result.reference_entropy = Entropy(reference_shares);
  result.divergence = KullbackLeibler(shares, reference_shares);
  result.cross_entropy = result.entropy + result.divergence;
  return result;
}

}  // namespace guardwatch
