#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "stats/score_histogram.h"

// How far the scores of a window are from those of a reference. A distance is an effect size: on
// finite samples it is above zero when nothing has changed, so each comes with its mean and its
// significance under no change. They hold for one look at one window: whoever looks again and again
// at running windows needs a sequential detector.
//
// With m reference and n live scores, f = 1/m + 1/n.

namespace guardwatch {

struct Distance {
  double value = 0;
  double noise_floor = 0;  // Its mean if nothing has changed.
  double p = 1;            // Probability of at least `value` if nothing has changed; asymptotic.

  double excess() const { return value - noise_floor; }  // Debiased; negative is noise.
};

// Of shares r (reference) and c (live) of G groups in any order, smoothed to
// (count + 0.5) / (total + G / 2) so that an empty group is no infinity.
struct GroupDistances {
  std::int64_t reference = 0;
  std::int64_t live = 0;
  std::size_t groups = 0;

  // sum (c - r) ln(c / r) = KL(c, r) + KL(r, c), in [0, inf). f chi2(G - 1) under no change, mean
  // (G - 1) f: Yurdakul (2018), "Statistical properties of population stability index". By
  // convention 0.1 is to be watched and 0.25 calls for action; judge excess() by them.
  Distance population_stability;

  // Nats, in [0, ln 2]: the mean of KL(r, M) and KL(c, M), M = (r + c) / 2. (f/8) chi2(G - 1). Lin
  // (1991). What others call Jensen-Shannon distance is sqrt(value / ln 2).
  Distance jensen_shannon;

  // 1/2 sum (sqrt r - sqrt c)^2, in [0, 1]; (f/8) chi2(G - 1). The Hellinger distance is its root.
  Distance hellinger_squared;

  // sum c ln(c / r), nats: what it costs to code live scores in the code of the reference, beyond
  // their own `entropy` = -sum c ln c. (f/2) chi2(G - 1). Kullback, Leibler (1951). Their sum is
  // the cross-entropy -sum c ln r.
  Distance kullback_leibler;
  double entropy = 0;
};

// Nullopt unless both have counts and there are at least two groups. Both are of one size.
std::optional<GroupDistances> CompareGroups(std::span<const std::int64_t> reference,
                                            std::span<const std::int64_t> live);

// What to make of a population stability index: significant at 0.1 %, and debiased above 0.02, 0.1
// or 0.25. Significance alone would speak up for every large window, size alone for every small
// one.
enum class DriftLevel { kNone, kSlight, kNotable, kLarge };
DriftLevel DriftLevelOf(const Distance& population_stability);

// Of distribution functions F, on bins in order.
struct OrderedDistances {
  std::int64_t reference = 0;
  std::int64_t live = 0;

  // max |F_r - F_c| at the edges of bins, in [0, 1]. p from Kolmogorov's limit distribution, too
  // large where few bins hold the mass (conservative); mean sqrt(pi/2) ln 2 sqrt(f). Smirnov
  // (1948).
  Distance kolmogorov_smirnov;

  // Wasserstein-1 or earth mover's distance: integral of |F_r - F_c|, in the unit of positions. Its
  // mean under no change is sqrt(2/pi) sqrt(f) integral sqrt(F_r (1 - F_r)). Its distribution has
  // no closed form: p is that of a gamma distribution with this mean and `wasserstein_sd`.
  Distance wasserstein;
  double wasserstein_sd = 0;  // Of the value, if nothing has changed.

  double reference_sd = 0;  // Standard deviation of the reference, in the unit of positions.
  // In units of reference_sd, as thresholds are often given (0.1). Nullopt if that is 0.
  std::optional<double> StandardizedWasserstein() const {
    if (!(reference_sd > 0)) return std::nullopt;
    return wasserstein.value / reference_sd;
  }
};

// A bin whose scores are taken to be at `position`.
struct OrderedBin {
  double position = 0;
  std::int64_t reference = 0;
  std::int64_t live = 0;
};

// Positions ascend. Nullopt unless both have counts. `wasserstein_sd` is taken from at most 48
// steps, as many neighbours joined as that needs, because its cost is quadratic in them.
std::optional<OrderedDistances> CompareOrdered(std::span<const OrderedBin> bins);

// Scores with and without label, on the grid of resolution m; positions are the middles of grid
// bins, in [0, 1].
std::optional<OrderedDistances> CompareScores(const ScoreHistogram& reference,
                                              const ScoreHistogram& live, int m);

// Fewer live scores than this say nothing about a distance: with ten groups the noise floor of the
// population stability index is then 0.18.
inline constexpr std::int64_t kFewestScoresForDistance = 50;

// Groups for a window of `live` scores.
constexpr int DistanceGroups(std::int64_t live) { return live >= 20'000 ? 20 : 10; }

}  // namespace guardwatch
