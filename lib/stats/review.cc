#include "stats/review.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace guardwatch {
namespace {

// A stratum, and how many it was made of.
struct Merged {
  ReviewStratum sum;
  int parts = 0;

  void Take(const ReviewStratum& stratum, int count) {
    sum.scored += stratum.scored;
    sum.labeled += stratum.labeled;
    sum.positive += stratum.positive;
    parts += count;
  }
};

std::vector<Merged> Merge(std::span<const ReviewStratum> strata, std::int64_t fewest) {
  std::vector<Merged> merged;
  Merged open;
  for (const ReviewStratum& stratum : strata) {
    if (stratum.scored <= 0) continue;
    open.Take(stratum, 1);
    if (open.sum.labeled < std::max<std::int64_t>(fewest, 1)) continue;
    merged.push_back(open);
    open = {};
  }
  if (open.parts > 0) {
    if (merged.empty()) {
      merged.push_back(open);
    } else {
      merged.back().Take(open.sum, open.parts);
    }
  }
  return merged;
}

// Wilson's interval of a number of trials that need not be whole.
Interval EffectiveWilson(double rate, double n) {
  const double z2 = kZ95 * kZ95;
  const double center = rate + z2 / (2 * n);
  const double half = kZ95 * std::sqrt(rate * (1 - rate) / n + z2 / (4 * n * n));
  const double scale = 1 + z2 / n;
  return {rate > 0 ? std::max(0.0, (center - half) / scale) : 0.0,
          rate < 1 ? std::min(1.0, (center + half) / scale) : 1.0};
}

}  // namespace

std::vector<ReviewStratum> ReviewStrataOf(const ScoreHistogram& histogram) {
  std::vector<ReviewStratum> strata;
  for (const HistogramCell& cell : histogram.cells()) {
    if (cell.scored > 0) strata.push_back({cell.scored, cell.labeled(), cell.positive});
  }
  return strata;
}

std::vector<ReviewStratum> MergeSparseStrata(std::span<const ReviewStratum> strata,
                                             std::int64_t fewest) {
  std::vector<ReviewStratum> sums;
  for (const Merged& merged : Merge(strata, fewest)) sums.push_back(merged.sum);
  return sums;
}

std::optional<StratifiedRate> PostStratify(std::span<const ReviewStratum> strata,
                                           std::int64_t fewest) {
  const std::vector<Merged> merged = Merge(strata, fewest);
  std::int64_t scored = 0;
  std::int64_t labeled = 0;
  for (const Merged& stratum : merged) {
    scored += stratum.sum.scored;
    labeled += stratum.sum.labeled;
  }
  if (labeled <= 0) return std::nullopt;

  StratifiedRate result;
  result.strata = merged.size();
  double variance = 0;
  bool single = false;
  for (const auto& [sum, parts] : merged) {
    const double share = double(sum.scored) / double(scored);
    const double rate = double(sum.positive) / double(sum.labeled);
    result.rate += share * rate;
    if (parts > 1) {
      result.merged_unlabeled_share += double(sum.scored - sum.labeled) / double(scored);
    }
    single = single || sum.labeled < 2;
    if (!single) variance += share * share * rate * (1 - rate) / double(sum.labeled - 1);
  }
  if (!single) result.se = std::sqrt(variance);
  return result;
}

ReviewWeight ReviewWeight::From(double probability) {
  GUARDWATCH_CHECK(probability > 0 && probability <= 1);
  // nearbyint rounds half to even. Compared before it is rounded: 1 / probability may be infinite.
  const double q24 = double{kOne} / probability;
  if (q24 > double{kGreatest}) return {kGreatest, true};
  return {static_cast<std::int64_t>(std::nearbyint(q24)), false};
}

void WeightedReview::Add(ReviewWeight weight, bool x, int sign) {
  const Int128 w = Int128{weight.q24} * sign;
  const Int128 square = Int128{weight.q24} * weight.q24 * sign;
  labeled += sign;
  weight_q24 += w;
  square_q48 += square;
  if (x) {
    positive_q24 += w;
    positive_square_q48 += square;
  }
  if (weight.clipped) {
    clipped += sign;
    clipped_q24 += w;
  }
}

WeightedReview& WeightedReview::operator+=(const WeightedReview& other) {
  labeled += other.labeled;
  clipped += other.clipped;
  weight_q24 += other.weight_q24;
  positive_q24 += other.positive_q24;
  clipped_q24 += other.clipped_q24;
  square_q48 += other.square_q48;
  positive_square_q48 += other.positive_square_q48;
  return *this;
}

WeightedReview& WeightedReview::operator-=(const WeightedReview& other) {
  labeled -= other.labeled;
  clipped -= other.clipped;
  weight_q24 -= other.weight_q24;
  positive_q24 -= other.positive_q24;
  clipped_q24 -= other.clipped_q24;
  square_q48 -= other.square_q48;
  positive_square_q48 -= other.positive_square_q48;
  return *this;
}

std::optional<WeightedRate> WeightedRateOf(const WeightedReview& sums, std::int64_t scored) {
  if (sums.labeled <= 0 || sums.weight_q24 <= 0 || scored <= 0) return std::nullopt;
  const double weight = double(sums.weight_q24);
  const double square = double(sums.square_q48);
  const double positive_square = double(sums.positive_square_q48);
  WeightedRate rate;
  rate.hajek = double(sums.positive_q24) / weight;
  rate.horvitz_thompson = double(sums.positive_q24) / double{ReviewWeight::kOne} / double(scored);
  const double h = rate.hajek;
  // sum w^2 (x - h)^2
  const double deviation = (1 - h) * (1 - h) * positive_square + h * h * (square - positive_square);
  rate.se = std::sqrt(std::max(deviation, 0.0)) / weight;
  rate.effective_n = weight / square * weight;
  rate.interval = EffectiveWilson(h, rate.effective_n);
  rate.clipped_share = double(sums.clipped_q24) / weight;
  return rate;
}

}  // namespace guardwatch
