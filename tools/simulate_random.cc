#include "simulate_random.h"

#include <algorithm>

namespace guardwatch {

double Random::Gamma(double shape) {
  // Marsaglia & Tsang (2000), ACM TOMS 26:363-372.
  if (shape < 1) return Gamma(shape + 1) * std::pow(Uniform(), 1 / shape);
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = Normal();
    const double v = std::pow(1 + c * x, 3);
    if (v > 0 && std::log(Uniform()) < 0.5 * x * x + d - d * v + d * std::log(v)) return d * v;
  }
}

std::int64_t Random::Binomial(std::int64_t n, double p) {
  if (p > 0.5) return n - Binomial(n, 1 - p);
  if (!(p > 0)) return 0;
  // Inversion from 0, in portions small enough that the probability of 0 does not underflow.
  const auto portion = std::max<std::int64_t>(1, static_cast<std::int64_t>(100 / p));
  const double odds = p / (1 - p);
  std::int64_t successes = 0;
  for (std::int64_t left = n; left > 0; left -= portion) {
    const std::int64_t trials = std::min(left, portion);
    double probability = std::exp(double(trials) * std::log1p(-p));
    double u = Uniform();
    std::int64_t k = 0;
    while (u > probability && k < trials) {
      u -= probability;
      probability *= odds * double(trials - k) / double(k + 1);
      ++k;
    }
    successes += k;
  }
  return successes;
}

}  // namespace guardwatch
