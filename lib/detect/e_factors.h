#pragma once

#include <cstdint>
#include <span>

// E-factors: non-negative functions of new data whose mean is at most 1 as long as nothing is
// wrong. Their products are evidence; the recursion of detect/evidence.h turns them into a detector
// with a false-alarm budget. Logarithms throughout, natural.

namespace guardwatch {

// Successes among trials of one pane.
struct Count {
  std::int64_t n = 0;
  std::int64_t s = 0;

  friend bool operator==(const Count&, const Count&) = default;
};

// Log likelihood ratio of one alternative rate against a base rate, as ln L = s * success +
// (n - s) * failure. With `tempering` T >= 1 it is the likelihood ratio to the power 1/T, which
// keeps the mean near 1 for over-dispersed counts. Mean at most 1 for every true rate on the base's
// side.
struct BernoulliFactor {
  double success = 0;
  double failure = 0;

  double Log(Count count) const {
    return double(count.s) * success + double(count.n - count.s) * failure;
  }
  friend bool operator==(const BernoulliFactor&, const BernoulliFactor&) = default;
};

// Both rates in (0, 1), tempering > 0.
BernoulliFactor MakeBernoulliFactor(double base, double alternative, double tempering = 1.0);

// The rate whose odds are `lift` times those of `base`.
double ShiftOdds(double base, double lift);

// A value seen `count` times.
struct WeightedValue {
  double value = 0;
  std::int64_t count = 0;
};

// Sum of count * ln(1 + bet * (value/mean_limit - 1)): an e-factor for "the mean of these
// non-negative values is at most mean_limit". Needs value >= 0, mean_limit > 0, 0 < bet < 1, no
// upper bound. For a fall of values in [0, 1] pass 1 - value and 1 - limit. Waudby-Smith & Ramdas
// (2024), JRSS-B 86:1-27.
double LogMeanFactor(std::span<const WeightedValue> values, double mean_limit, double bet);

// The bets that are mixed over; small ones find small lifts, large ones abrupt failures.
inline constexpr double kBets[] = {.01, .02, .04, .08, .15, .25, .4, .6};

// Upward drift of a loss (log loss in nats, Brier): the mean factor with limit `reference_high`,
// the 99 % upper limit of the reference mean, times 1 + tolerance.
double LogLossFactor(std::span<const WeightedValue> losses, double reference_high, double tolerance,
                     double bet);

// Placement of one labelled positive among the reference negatives: the share that it does not
// beat, ties half, in [0, 1]; its mean is 1 - AUC. `below` and `equal` of `total` negatives score
// below or the same. Total > 0.
double Placement(std::int64_t below, std::int64_t equal, std::int64_t total);

// Fall of the AUC: the mean factor on placements, with limit 1 - (auc_low - margin), auc_low the 99
// % lower limit of the reference AUC.
double LogAucFactor(std::span<const WeightedValue> placements, double auc_low, double bet,
                    double margin = 0.005);

// Two groups with one unknown common rate: (n_a, s_a) against (n_b, s_b) with guesses of their
// rates made before this block, in (0, 1). Mean at most 1 for every common rate, so a drift of both
// together is no evidence. Turner, Ly & Grunwald (2024), J. Stat. Plan. Inference 230.
double LogTwoGroupFactor(Count a, Count b, double guess_a, double guess_b);

}  // namespace guardwatch
