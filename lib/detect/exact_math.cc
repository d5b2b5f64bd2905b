#include "detect/exact_math.h"

#include <cmath>
#include <limits>

namespace guardwatch {
namespace {

// ln 2 in two parts; the first has 21 trailing zero bits, so that exponent * kLn2High is exact.
constexpr double kLn2High = 0x1.62e42fee00000p-1;
constexpr double kLn2Low = 0x1.a39ef35793c76p-33;
constexpr double kInverseLn2 = 0x1.71547652b82fep+0;
constexpr double kSqrtHalf = 0x1.6a09e667f3bcdp-1;

// 1/14!, 1/13!, ..., 1/1!. The factorials are exact, so each quotient is rounded once.
constexpr double kInverseFactorials[] = {1.0 / 87178291200, 1.0 / 6227020800,
                                         1.0 / 479001600,   1.0 / 39916800,
                                         1.0 / 3628800,     1.0 / 362880,
                                         1.0 / 40320,       1.0 / 5040,
                                         1.0 / 720,         1.0 / 120,
                                         1.0 / 24,          1.0 / 6,
                                         1.0 / 2,           1.0};

// Largest whole number not above x, for |x| far below 2^31; needs no rounding mode.
int Floor(double x) {
  const int truncated = static_cast<int>(x);
  return double(truncated) > x ? truncated - 1 : truncated;
}

}  // namespace

double ExactExp(double x) {
  if (std::isnan(x)) return x;
  if (x > 709.782712893384) return std::numeric_limits<double>::infinity();
  if (x < -745.2) return 0.0;
  const int k = Floor(x * kInverseLn2 + 0.5);
  // x = k ln 2 + r, |r| <= 0.347: the Taylor series needs 14 terms for 2^-53.
  const double r = (x - double(k) * kLn2High) - double(k) * kLn2Low;
  double sum = 0.0;
  for (const double term : kInverseFactorials) sum = sum * r + term;
  return std::ldexp(1.0 + r * sum, k);
}

double ExactLog(double x) {
  if (std::isnan(x) || x == std::numeric_limits<double>::infinity()) return x;
  if (x == 0.0) return -std::numeric_limits<double>::infinity();
  if (x < 0.0) return std::numeric_limits<double>::quiet_NaN();
  int exponent = 0;
  double mantissa = std::frexp(x, &exponent);
  if (mantissa < kSqrtHalf) {
    mantissa *= 2.0;
    --exponent;
  }
  // ln m = 2 artanh(f / (2 + f)), f = m - 1 in [-0.293, 0.414]. Written as f - (f^2/2 - s(f^2/2 +
  // R)) so that the leading term is exact (fdlibm's arrangement).
  const double f = mantissa - 1.0;
  const double s = f / (2.0 + f);
  const double z = s * s;
  double series = 0.0;  // 2 z/3 + 2 z^2/5 + ...; z <= 0.0295, so 11 terms reach 2^-56.
  for (int i = 11; i >= 1; --i) series = z * (2.0 / double(2 * i + 1) + series);
  const double half_square = 0.5 * f * f;
  const double e = double(exponent);
  return e * kLn2High - ((half_square - (s * (half_square + series) + e * kLn2Low)) - f);
}

}  // namespace guardwatch
