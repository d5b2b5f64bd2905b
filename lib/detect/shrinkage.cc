#include "detect/shrinkage.h"

#include "base/check.h"
#include "detect/beta_distribution.h"

namespace guardwatch {
namespace {

constexpr double kIntraclassLow = 1e-6;
constexpr double kIntraclassHigh = 0.5;
constexpr double kDefaultWeight = 50;
constexpr int kFewestGroups = 5;

BetaPrior MakePrior(double rate, double weight) {
  // Pseudo-counts of exactly 0 would make the distribution degenerate.
  constexpr double kLeast = 1e-3;
  const double a = rate * weight;
  const double b = weight - a;
  return {a > kLeast ? a : kLeast, b > kLeast ? b : kLeast, 1.0 / (weight + 1.0)};
}

}  // namespace

BetaPrior EstimatePrior(std::span<const Count> groups) {
  double n = 0;
  double s = 0;
  double n_squared = 0;
  int used = 0;
  for (const Count& group : groups) {
    if (group.n == 0) continue;
    ++used;
    n += double(group.n);
    s += double(group.s);
    n_squared += double(group.n) * double(group.n);
  }
  GUARDWATCH_CHECK(n > 0);
  const double rate = s / n;
  if (used < kFewestGroups || s <= 0 || s >= n) return MakePrior(rate, kDefaultWeight);
  double q = 0;
  for (const Count& group : groups) {
    if (group.n == 0) continue;
    const double gap = double(group.s) / double(group.n) - rate;
    q += double(group.n) * gap * gap;
  }
  const double others = double(used - 1);
  const double intraclass = (q / (rate * (1.0 - rate)) - others) / (n - n_squared / n - others);
  // Written so that NaN, from one event per group, fails too.
  if (!(intraclass > kIntraclassLow && intraclass < kIntraclassHigh)) {
    return MakePrior(rate, kDefaultWeight);
  }
  return MakePrior(rate, 1.0 / intraclass - 1.0);
}

double ShrunkRate(Count group, const BetaPrior& prior) {
  return (double(group.s) + prior.a) / (double(group.n) + prior.Weight());
}

double ShrunkLowerBound(Count group, const BetaPrior& prior, double level) {
  return BetaQuantile(1.0 - level, double(group.s) + prior.a, double(group.n - group.s) + prior.b);
}

double ShrunkUpperBound(Count group, const BetaPrior& prior, double level) {
  return BetaQuantile(level, double(group.s) + prior.a, double(group.n - group.s) + prior.b);
}

}  // namespace guardwatch
