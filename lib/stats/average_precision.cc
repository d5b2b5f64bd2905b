#include "stats/average_precision.h"

#include <cmath>

namespace guardwatch {
namespace {

// psi(x + 1/2) - ln x for the digamma function psi, to 1e-17 for x >= 64 (asymptotic series).
double DigammaExcess(double x) {
  const double inverse = 1.0 / (x * x);
  return inverse * (1.0 / 24.0 - inverse * (7.0 / 960.0 - inverse * 31.0 / 8064.0));
}

// sum over k = 1 ... m of (a + k) / (a + k + b), in time that does not grow with m.
double PrecisionSum(std::int64_t a, std::int64_t m, std::int64_t b) {
  constexpr std::int64_t kAsymptotic = 64;
  double sum = 0;
  std::int64_t k = 1;
  for (; k <= m && a + k + b <= kAsymptotic; ++k) sum += double(a + k) / double(a + k + b);
  if (k > m) return sum;
  // The rest is its number of terms less b (psi(high + 1/2) - psi(low + 1/2)).
  const double low = double(a + b + k) - 0.5;
  const double terms = double(m - k + 1);
  const double harmonic = std::log1p(terms / low) + DigammaExcess(low + terms) - DigammaExcess(low);
  return sum + terms - double(b) * harmonic;
}

}  // namespace

std::optional<AveragePrecision> AveragePrecisionOf(const ScoreHistogram& histogram) {
  AveragePrecision result;
  double low = 0;
  double high = 0;
  double grouped = 0;
  std::int64_t a = 0;  // Positives and negatives above the bin.
  std::int64_t b = 0;
  for (auto cell = histogram.cells().rbegin(); cell != histogram.cells().rend(); ++cell) {
    const std::int64_t m = cell->positive;
    const std::int64_t c = cell->negative;
    if (m > 0) {
      low += PrecisionSum(a, m, b + c);  // Every negative of the bin comes first,
      high += double(m) * double(a + m) / double(a + m + b);  // or none before the last positive.
      grouped += double(m) * double(a + m) / double(a + m + b + c);
    }
    a += m;
    b += c;
  }
  if (a <= 0 || b <= 0) return std::nullopt;
  const double positives = double(a);
  return AveragePrecision{.grouped = grouped / positives,
                          .bound_low = low / positives,
                          .bound_high = high / positives,
                          .prevalence = positives / double(a + b),
                          .positives = a,
                          .negatives = b};
}

}  // namespace guardwatch
