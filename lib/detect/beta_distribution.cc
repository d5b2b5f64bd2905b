#include "detect/beta_distribution.h"

#include <cmath>

#include "base/check.h"
#include "detect/exact_math.h"

namespace guardwatch {
namespace {

double BetaFraction(double x, double a, double b) {
  constexpr double kTiny = 1e-300;
  constexpr int kMostTerms = 5000;  // About sqrt(max(a, b)) are needed.
  const auto away_from_zero = [](double v) { return std::abs(v) < kTiny ? kTiny : v; };
  double c = 1.0;
  double d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
  double fraction = d;
  for (int m = 1; m <= kMostTerms; ++m) {
    const double i = double(m);
    const double even = i * (b - i) * x / ((a + 2.0 * i - 1.0) * (a + 2.0 * i));
    d = 1.0 / away_from_zero(1.0 + even * d);
    c = away_from_zero(1.0 + even / c);
    fraction *= d * c;
    const double odd = -(a + i) * (a + b + i) * x / ((a + 2.0 * i) * (a + 2.0 * i + 1.0));
    d = 1.0 / away_from_zero(1.0 + odd * d);
    c = away_from_zero(1.0 + odd / c);
    fraction *= d * c;
    if (std::abs(d * c - 1.0) < 1e-15) break;
  }
  return fraction;
}

}  // namespace

double ExactLogGamma(double x) {
  GUARDWATCH_CHECK(x > 0);
  // Stirling's series is accurate to 1e-17 from 15 on; smaller arguments step up to it.
  double product = 1.0;
  while (x < 15.0) product *= x++;
  constexpr double kHalfLog2Pi = 0.9189385332046727418;
  const double y = 1.0 / (x * x);
  const double series =
      (1.0 / 12 - y * (1.0 / 360 - y * (1.0 / 1260 - y * (1.0 / 1680 - y / 1188)))) / x;
  return (x - 0.5) * ExactLog(x) - x + kHalfLog2Pi + series - ExactLog(product);
}

double BetaProbability(double x, double a, double b) {
  GUARDWATCH_CHECK(a > 0 && b > 0);
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front = ExactExp(ExactLogGamma(a + b) - ExactLogGamma(a) - ExactLogGamma(b) +
                                a * ExactLog(x) + b * ExactLog(1.0 - x));
  // The fraction converges fast on the side of the mean.
  if (x < (a + 1.0) / (a + b + 2.0)) return front * BetaFraction(x, a, b) / a;
  return 1.0 - front * BetaFraction(1.0 - x, b, a) / b;
}

double BetaQuantile(double probability, double a, double b) {
  GUARDWATCH_CHECK(probability > 0 && probability < 1);
  double low = 0;
  double high = 1;
  for (int i = 0; i < 50; ++i) {
    const double middle = 0.5 * (low + high);
    (BetaProbability(middle, a, b) < probability ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

}  // namespace guardwatch
