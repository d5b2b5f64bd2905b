#include <algorithm>
#include <cmath>

#include "stats/calibration.h"
#include "stats/corp.h"
#include "stats/labeled_points.h"
#include "stats/loss.h"
#include "stats/proportion.h"
#include "window/statistics_compute.h"

// What scores cost, by proper scoring rules, and where the cost comes from.

namespace guardwatch::statistics {
namespace {

LossSums SumsOf(const Aggregate& a) {
  return {.n = LabeledScores(a),
          .positive = PositiveScores(a),
          .loss_q24 = a.loss,
          .score_q_squared = a.labeled_score_q_squared,
          .positive_score_q = a.positive_score_q};
}

double LogLossOfPoint(const LabeledPoint& point) {
  return double(LogLossQ24(Score::FromClipped(point.score), point.positive)) / 0x1p24;
}

double SquareOfPoint(const LabeledPoint& point) {
  const double miss = point.score - (point.positive ? 1.0 : 0.0);
  return miss * miss;
}

// Adds mean +- z sd / sqrt(n). The deviation is that of the grid bins' means: what scores of a
// class vary inside a bin, at most 2^-m of the smaller of p and 1 - p, is left out.
StatisticValue WithNormalInterval(StatisticValue mean, const Aggregate& a,
                                  double (*loss)(const LabeledPoint&)) {
  if (mean.n < 2) return mean;
  const double n = double(mean.n);
  double center = 0;
  const auto points = LabeledPointsOf(a.histogram, a.histogram.m());
  for (const LabeledPoint& point : points) center += double(point.n) * loss(point);
  center /= n;
  double squares = 0;
  for (const LabeledPoint& point : points) {
    const double deviation = loss(point) - center;
    squares += double(point.n) * deviation * deviation;
  }
  const double half = kZ95 * std::sqrt(squares / (n - 1.0) / n);
  mean.low = std::max(0.0, *mean.value - half);
  mean.high = *mean.value + half;
  return mean;
}

StatisticValue OfLogLoss(const Aggregate& a, double (*of)(const MeanLogLoss&)) {
  const auto loss = LogLossOf(SumsOf(a));
  return loss ? Number(of(*loss), loss->n) : Missing("no_data");
}

StatisticValue BrierPart(const Aggregate& a, double MurphyDecomposition::*part) {
  const auto parts = DecomposeBrier(LabeledBinsOf(a.reliability));
  return parts ? Number((*parts).*part, LabeledScores(a)) : Missing("no_data");
}

StatisticValue CorpPart(const Aggregate& a, double ScoreDecomposition::*part) {
  const auto parts = DecomposeCorp(a.histogram, a.histogram.m());
  return parts ? Number(parts->brier.*part, LabeledScores(a)) : OneClass(a);
}

}  // namespace

std::int64_t LabeledScores(const Aggregate& a) {
  std::int64_t n = 0;
  for (int i = 0; i < kReliabilityBins; ++i) n += a.reliability[i].labeled;
  return n;
}

std::int64_t PositiveScores(const Aggregate& a) {
  std::int64_t n = 0;
  for (int i = 0; i < kReliabilityBins; ++i) n += a.reliability[i].positive;
  return n;
}

StatisticValue OneClass(const Aggregate& a) {
  const std::int64_t n = LabeledScores(a);
  return Missing(n == 0 ? "no_data" : "one_class", n);
}

StatisticValue LogLoss(const Aggregate& a) {
  const StatisticValue mean = OfLogLoss(a, [](const MeanLogLoss& loss) { return loss.nats; });
  return WithNormalInterval(mean, a, LogLossOfPoint);
}

StatisticValue LogLossBits(const Aggregate& a) {
  return OfLogLoss(a, [](const MeanLogLoss& loss) { return loss.bits(); });
}

StatisticValue Perplexity(const Aggregate& a) {
  return OfLogLoss(a, [](const MeanLogLoss& loss) { return loss.perplexity(); });
}

StatisticValue NormalisedEntropy(const Aggregate& a) {
  const auto loss = LogLossOf(SumsOf(a));
  if (!loss || !loss->normalized_entropy) return OneClass(a);
  return Number(*loss->normalized_entropy, loss->n);
}

StatisticValue LogLossUnsaturated(const Aggregate& a) {
  const auto loss = LogLossOf(SumsOf(a).WithoutSaturated(a.histogram, a.histogram.m()));
  return loss ? Number(loss->nats, loss->n) : Missing("no_data");
}

StatisticValue Brier(const Aggregate& a) {
  const auto brier = BrierOf(SumsOf(a));
  if (!brier) return Missing("no_data");
  return WithNormalInterval(Number(brier->score, LabeledScores(a)), a, SquareOfPoint);
}

StatisticValue BrierSkill(const Aggregate& a) {
  const auto brier = BrierOf(SumsOf(a));
  if (!brier || !brier->skill) return OneClass(a);
  return Number(*brier->skill, LabeledScores(a));
}

StatisticValue BrierReliability(const Aggregate& a) {
  return BrierPart(a, &MurphyDecomposition::reliability);
}
StatisticValue BrierResolution(const Aggregate& a) {
  return BrierPart(a, &MurphyDecomposition::resolution);
}
StatisticValue BrierUncertainty(const Aggregate& a) {
  return BrierPart(a, &MurphyDecomposition::uncertainty);
}

StatisticValue BrierWithinBins(const Aggregate& a) {
  const auto brier = BrierOf(SumsOf(a));
  const auto parts = DecomposeBrier(LabeledBinsOf(a.reliability));
  if (!brier || !parts) return Missing("no_data");
  // The bins know nothing of their inside, so brier() of them is without these terms.
  return Number(brier->score - parts->brier(), LabeledScores(a));
}

StatisticValue CorpMiscalibration(const Aggregate& a) {
  return CorpPart(a, &ScoreDecomposition::miscalibration);
}
StatisticValue CorpDiscrimination(const Aggregate& a) {
  return CorpPart(a, &ScoreDecomposition::discrimination);
}

}  // namespace guardwatch::statistics
