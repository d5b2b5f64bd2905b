#include "stats/interval.h"

#include <algorithm>
#include <cmath>

#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>

namespace guardwatch {
namespace {

constexpr int kHalvings = 100;
constexpr std::int64_t kLeastForAsymptotics = 100;

double LogBeta(double a, double b) {
  return boost::math::lgamma(a) + boost::math::lgamma(b) - boost::math::lgamma(a + b);
}

double BetaQuantile(double p, double a, double b) { return boost::math::ibeta_inv(a, b, p); }

// The point between `inside` and `outside` where a predicate turns false.
template <class Predicate>
double Boundary(double inside, double outside, Predicate&& holds) {
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (inside + outside) / 2.0;
    (holds(middle) ? inside : outside) = middle;
  }
  return outside;
}

}  // namespace

std::optional<Interval> JeffreysInterval(std::int64_t successes, std::int64_t trials,
                                         double alpha) {
  if (trials <= 0) return std::nullopt;
  const double a = double(successes) + 0.5;
  const double b = double(trials - successes) + 0.5;
  return Interval{successes == 0 ? 0.0 : BetaQuantile(alpha / 2.0, a, b),
                  successes == trials ? 1.0 : BetaQuantile(1.0 - alpha / 2.0, a, b)};
}

std::optional<Interval> ClopperPearsonInterval(std::int64_t successes, std::int64_t trials,
                                               double alpha) {
  if (trials <= 0) return std::nullopt;
  const double s = double(successes);
  const double f = double(trials - successes);
  return Interval{successes == 0 ? 0.0 : BetaQuantile(alpha / 2.0, s, f + 1.0),
                  successes == trials ? 1.0 : BetaQuantile(1.0 - alpha / 2.0, s + 1.0, f)};
}

std::optional<Interval> AnytimeInterval(std::int64_t successes, std::int64_t trials, double alpha) {
  if (trials <= 0) return std::nullopt;
  const double s = double(successes);
  const double f = double(trials - successes);
  const double mixture = LogBeta(s + 0.5, f + 0.5) - LogBeta(0.5, 0.5);
  const double limit = -std::log(alpha);
  const auto plausible = [&](double p) {
    const double likelihood = (s > 0 ? s * std::log(p) : 0.0) + (f > 0 ? f * std::log1p(-p) : 0.0);
    return mixture - likelihood < limit;
  };
  const double rate = s / (s + f);
  return Interval{successes == 0 ? 0.0 : Boundary(rate, 0.0, plausible),
                  successes == trials ? 1.0 : Boundary(rate, 1.0, plausible)};
}

std::optional<SampleMean> SampleMeanOf(std::int64_t n, Int128 sum, Int128 sum_of_squares,
                                       double unit) {
  if (n <= 0) return std::nullopt;
  const double count = double(n);
  // Around the integer next to the mean, squares are small before they become floating point.
  const Int128 center = sum / n;
  const Int128 rest = sum - center * n;
  const Int128 squares = sum_of_squares - 2 * center * sum + center * center * n;
  SampleMean sample;
  sample.n = n;
  sample.mean = (double(center) + double(rest) / count) * unit;
  if (n > 1) {
    const double deviation = double(squares) - double(rest) * double(rest) / count;
    sample.sd = std::sqrt(std::max(0.0, deviation) / (count - 1.0)) * unit;
  }
  return sample;
}

std::optional<Interval> NormalInterval(const SampleMean& sample, double z) {
  if (sample.n < 2) return std::nullopt;
  const double half = z * sample.sd / std::sqrt(double(sample.n));
  return Interval{sample.mean - half, sample.mean + half};
}

std::optional<Interval> AnytimeMeanInterval(const SampleMean& sample, double n_tightest,
                                            double alpha) {
  if (sample.n < kLeastForAsymptotics) return std::nullopt;
  const double n = double(sample.n);
  const double surprise = -2.0 * std::log(alpha);
  const double mixing = (surprise + std::log(surprise) + 1.0) / n_tightest;  // rho^2.
  const double spread = n * mixing + 1.0;
  const double half =
      sample.sd * std::sqrt(2.0 * spread / (n * n * mixing) * std::log(std::sqrt(spread) / alpha));
  return Interval{sample.mean - half, sample.mean + half};
}

std::optional<Interval> AnytimeBoundedMeanInterval(const SampleMean& sample, double alpha) {
  if (sample.n <= 0) return std::nullopt;
  const double n = double(sample.n);
  // ln ln 2n is negative for one number; the bound is then above 1 all the same.
  const double half =
      0.85 * std::sqrt((std::log(std::log(2.0 * n)) + 0.72 * std::log(10.4 / alpha)) / n);
  return Interval{std::max(0.0, sample.mean - half), std::min(1.0, sample.mean + half)};
}

}  // namespace guardwatch
