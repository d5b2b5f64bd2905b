#include <algorithm>
#include <cmath>
#include <numbers>

#include "stats/review.h"
#include "window/statistics_compute.h"

// The same for the traffic instead of for what was reviewed: labels that say with what probability
// they were asked for, each counted as the requests it stands for. Hajek's ratios sum w x / sum w.

namespace guardwatch::statistics {
namespace {

struct Effective {
  double weight = 0;  // sum w
  double n = 0;       // (sum w)^2 / sum w^2: labels of a fair sample worth the same (Kish 1965).
};

Effective EffectiveOf(std::initializer_list<const WeightSum*> parts) {
  Int128 weight = 0;
  Int128 square = 0;
  for (const WeightSum* part : parts) {
    weight += part->weight;
    square += part->square;
  }
  if (weight <= 0 || square <= 0) return {};
  return {double(weight), double(weight) / double(square) * double(weight)};
}

std::int64_t Rounded(double n) { return static_cast<std::int64_t>(std::llround(n)); }

// Of the labels in `hits` and `rest`, the share that is in `hits`.
StatisticValue Share(const Aggregate& a, std::initializer_list<WeightSum WeightedSums::*> hits,
                     std::initializer_list<WeightSum WeightedSums::*> rest) {
  const WeightedSums* sums = a.weighted.sums();
  if (sums == nullptr) return Missing("no_data");
  WeightedReview review;
  for (const auto part : hits) {
    review.labeled += (sums->*part).labeled;
    review.weight_q24 += (sums->*part).weight;
    review.square_q48 += (sums->*part).square;
  }
  review.positive_q24 = review.weight_q24;
  review.positive_square_q48 = review.square_q48;
  for (const auto part : rest) {
    review.labeled += (sums->*part).labeled;
    review.weight_q24 += (sums->*part).weight;
    review.square_q48 += (sums->*part).square;
  }
  const auto rate = WeightedRateOf(review, std::max<std::int64_t>(1, a.sampled));
  if (!rate) return Missing("no_data");
  StatisticValue value = Number(rate->hajek, Rounded(rate->effective_n));
  value.low = rate->interval.low;
  value.high = rate->interval.high;
  return value;
}

// Over labelled scores: their weight, and the effective number of all labels.
struct Scored {
  double weight = 0;
  double positive = 0;
  std::int64_t n = 0;
};

std::optional<Scored> ScoredOf(const Aggregate& a) {
  const WeightedSums* sums = a.weighted.sums();
  if (sums == nullptr) return std::nullopt;
  Int128 weight = 0;
  Int128 positive = 0;
  for (const WeightedBin& bin : sums->bins) {
    weight += bin.weight;
    positive += bin.positive;
  }
  if (weight <= 0) return std::nullopt;
  return Scored{double(weight), double(positive),
                Rounded(EffectiveOf({&sums->positive, &sums->negative}).n)};
}

}  // namespace

StatisticValue WeightedPrevalence(const Aggregate& a) {
  return Share(a, {&WeightedSums::positive}, {&WeightedSums::negative});
}

StatisticValue WeightedPrecision(const Aggregate& a) {
  return Share(a, {&WeightedSums::true_positive}, {&WeightedSums::false_positive});
}

StatisticValue WeightedRecall(const Aggregate& a) {
  return Share(a, {&WeightedSums::true_positive}, {&WeightedSums::false_negative});
}

StatisticValue WeightedFalsePositiveRate(const Aggregate& a) {
  return Share(a, {&WeightedSums::false_positive}, {&WeightedSums::true_negative});
}

StatisticValue WeightedFailRate(const Aggregate& a) {
  return Share(a, {&WeightedSums::true_positive, &WeightedSums::false_positive},
               {&WeightedSums::true_negative, &WeightedSums::false_negative});
}

StatisticValue WeightedF1(const Aggregate& a) {
  const WeightedSums* sums = a.weighted.sums();
  if (sums == nullptr) return Missing("no_data");
  const double hits = double(sums->true_positive.weight);
  const double all =
      2.0 * hits + double(sums->false_positive.weight) + double(sums->false_negative.weight);
  if (!(all > 0)) return Missing("no_data");
  return Number(
      2.0 * hits / all,
      Rounded(EffectiveOf({&sums->true_positive, &sums->false_positive, &sums->false_negative}).n));
}

StatisticValue WeightedLogLoss(const Aggregate& a) {
  const auto scored = ScoredOf(a);
  if (!scored) return Missing("no_data");
  return Number(double(a.weighted.sums()->loss) / 0x1p24 / scored->weight, scored->n);
}

StatisticValue WeightedBrier(const Aggregate& a) {
  const auto scored = ScoredOf(a);
  if (!scored) return Missing("no_data");
  const WeightedSums& sums = *a.weighted.sums();
  Int128 positive = 0;
  for (const WeightedBin& bin : sums.bins) positive += bin.positive;
  // sum w (q - 2^30 y)^2, an integer identity; divided once.
  const Int128 squares = sums.score_q_squared - 2 * Int128{kScoreOne} * sums.positive_score_q +
                         Int128{kScoreOne} * kScoreOne * positive;
  return Number(double(squares) / 0x1p60 / scored->weight, scored->n);
}

StatisticValue WeightedEce(const Aggregate& a) {
  const auto scored = ScoredOf(a);
  if (!scored) return Missing("no_data");
  double gaps = 0;
  double roots = 0;
  for (const WeightedBin& bin : a.weighted.sums()->bins) {
    if (bin.weight <= 0) continue;
    const double weight = double(bin.weight);
    const double expected = double(bin.score_q) / double{kScoreOne};
    gaps += std::abs(expected - double(bin.positive));
    // The variance of sum w (y - p) in a bin is sum w^2 p (1 - p); the bins know sum w only, so the
    // ratio of the two is taken to be that of all labels.
    const double mean = expected / weight;
    roots += std::sqrt(weight * mean * (1.0 - mean));
  }
  StatisticValue ece = Number(gaps / scored->weight, scored->n);
  if (scored->n > 0) {
    ece.noise_floor = std::sqrt(2.0 * std::numbers::inv_pi) * roots /
                      std::sqrt(scored->weight * double(scored->n));
  }
  return ece;
}

StatisticValue WeightedCalibrationGap(const Aggregate& a) {
  const auto scored = ScoredOf(a);
  if (!scored) return Missing("no_data");
  Int128 expected = 0;
  for (const WeightedBin& bin : a.weighted.sums()->bins) expected += bin.score_q;
  return Number((double(expected) / double{kScoreOne} - scored->positive) / scored->weight,
                scored->n);
}

StatisticValue ClippedWeightShare(const Aggregate& a) {
  const WeightedSums* sums = a.weighted.sums();
  if (sums == nullptr) return Missing("no_data");
  const Effective all = EffectiveOf({&sums->positive, &sums->negative});
  if (!(all.weight > 0)) return Missing("no_data");
  return Number(double(sums->clipped.weight) / all.weight, Rounded(all.n));
}

}  // namespace guardwatch::statistics
