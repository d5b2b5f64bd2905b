#pragma once

#include <cstdint>
#include <optional>

#include "base/int128.h"
#include "stats/proportion.h"

namespace guardwatch {

// Intervals beside Wilson's (stats/proportion.h). `alpha` is the chance of a miss, 0.05 for a
// nominal 95 %. Proportions: 0 <= successes <= trials; nullopt for zero trials.

// Quantiles of Beta(s + 1/2, n - s + 1/2), with 0 and 1 as limits where nothing or everything was a
// success. Coverage is approximate. Brown, Cai, DasGupta (2001), Statistical Science 16:101-133.
std::optional<Interval> JeffreysInterval(std::int64_t successes, std::int64_t trials,
                                         double alpha = 0.05);

// Never covers less than 1 - alpha, mostly more. Clopper, Pearson (1934), Biometrika 26:404-413.
std::optional<Interval> ClopperPearsonInterval(std::int64_t successes, std::int64_t trials,
                                               double alpha = 0.05);

// Confidence sequence: with probability 1 - alpha it holds the rate at every n at once, so it may
// be looked at, and acted on, at any time. All p at which the likelihood ratio of the Beta(1/2,
// 1/2) mixture against p is below 1/alpha (Robbins 1970; Howard et al. 2021, Annals of Statistics
// 49:1055-1080). It depends on the counts alone.
std::optional<Interval> AnytimeInterval(std::int64_t successes, std::int64_t trials,
                                        double alpha = 0.05);

// Mean and standard deviation (n - 1 in its denominator; 0 for one number).
struct SampleMean {
  double mean = 0;
  double sd = 0;
  std::int64_t n = 0;
};

// From the exact sums of n integers and of their squares, each in units of `unit` (2^-30 for
// scores); nothing cancels. Nullopt for n = 0. n times the largest square must fit 126 bits.
std::optional<SampleMean> SampleMeanOf(std::int64_t n, Int128 sum, Int128 sum_of_squares,
                                       double unit);

// mean +- z sd / sqrt(n), by the central limit theorem. Nullopt for n < 2.
std::optional<Interval> NormalInterval(const SampleMean& sample, double z = kZ95);

// Asymptotic confidence sequence for a mean, tightest when n is about `n_tightest`. Waudby-Smith,
// Arbour, Sinha, Kennedy, Ramdas (2024), Annals of Statistics 52:2613-2640. Nullopt below n = 100,
// where the normal approximation it rests on is not good.
std::optional<Interval> AnytimeMeanInterval(const SampleMean& sample, double n_tightest,
                                            double alpha = 0.05);

// Confidence sequence for the mean of numbers in [0, 1] of any distribution, clipped to [0, 1]:
// mean +- 0.85 sqrt((ln ln 2n + 0.72 ln(10.4 / alpha)) / n). Howard et al. (2021), equation 2.
// Nullopt for n = 0.
std::optional<Interval> AnytimeBoundedMeanInterval(const SampleMean& sample, double alpha = 0.05);

}  // namespace guardwatch
