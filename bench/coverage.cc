// How often the intervals of lib/stats hold what they promise, on made-up data with a known truth.
// Prints Markdown tables; the same seed gives the same figures. docs/statistics.md has them.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <random>
#include <tuple>
#include <vector>

#include "stats/calibration.h"
#include "stats/interval.h"
#include "stats/proportion.h"
#include "stats/ranking.h"

namespace guardwatch {
namespace {

constexpr std::uint64_t kSeed = 20261122;

class Random {
 public:
  explicit Random(std::uint64_t seed) : bits_(seed) {}
  double Uniform() { return double(bits_() >> 11) * 0x1p-53; }
  // Box and Muller: the distributions of <random> differ between libraries.
  double Normal() {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - Uniform()));
    return radius * std::cos(2.0 * 3.14159265358979323846 * Uniform());
  }

 private:
  std::mt19937_64 bits_;
};

// Exact: the sum of binomial probabilities of the counts whose interval holds the rate.
template <class IntervalOf>
double BinomialCoverage(std::int64_t n, double p, IntervalOf&& interval_of) {
  double covered = 0;
  for (std::int64_t s = 0; s <= n; ++s) {
    const auto interval = interval_of(s, n);
    if (!(interval->low <= p && p <= interval->high)) continue;
    covered += std::exp(std::lgamma(double(n) + 1) - std::lgamma(double(s) + 1) -
                        std::lgamma(double(n - s) + 1) + double(s) * std::log(p) +
                        double(n - s) * std::log1p(-p));
  }
  return covered;
}

void PrintProportions() {
  std::printf("| n | p | Wilson | Jeffreys | Clopper-Pearson |\n|---|---|---|---|---|\n");
  for (const std::int64_t n : {20, 100, 1000}) {
    for (const double p : {0.01, 0.05, 0.2, 0.5}) {
      std::printf(
          "| %d | %.2f | %.3f | %.3f | %.3f |\n", static_cast<int>(n), p,
          BinomialCoverage(n, p, [](auto s, auto k) { return WilsonInterval(s, k); }),
          BinomialCoverage(n, p, [](auto s, auto k) { return JeffreysInterval(s, k); }),
          BinomialCoverage(n, p, [](auto s, auto k) { return ClopperPearsonInterval(s, k); }));
    }
  }
}

// Looked at after every event: how often does the true rate leave the interval, ever? Wilson's is
// not made for that.
void PrintAnytime() {
  constexpr int kRuns = 400;
  constexpr std::int64_t kEvents = 1'000;
  std::printf("\n| p | ever missed by the anytime interval | by Wilson's |\n|---|---|---|\n");
  Random random(kSeed);
  for (const double p : {0.02, 0.2, 0.5}) {
    int anytime = 0;
    int wilson = 0;
    for (int run = 0; run < kRuns; ++run) {
      bool missed_anytime = false;
      bool missed_wilson = false;
      std::int64_t successes = 0;
      for (std::int64_t n = 1; n <= kEvents; ++n) {
        successes += random.Uniform() < p ? 1 : 0;
        const auto w = WilsonInterval(successes, n);
        missed_wilson |= !(w->low <= p && p <= w->high);
        if (missed_anytime) continue;  // Its ends are searched for: the costly part.
        const auto a = AnytimeInterval(successes, n);
        missed_anytime = !(a->low <= p && p <= a->high);
      }
      anytime += missed_anytime ? 1 : 0;
      wilson += missed_wilson ? 1 : 0;
    }
    std::printf("| %.2f | %.3f | %.3f |\n", p, double(anytime) / kRuns, double(wilson) / kRuns);
  }
}

// Binormal logits with a known area: Phi(distance / sqrt(2)).
void PrintAreas() {
  constexpr int kRuns = 2'000;
  std::printf("\n| positives | negatives | area | DeLong, logit scale |\n|---|---|---|---|\n");
  Random random(kSeed + 1);
  for (const auto& [positives, negatives, distance] :
       {std::tuple{20, 200, 1.5}, {200, 2000, 1.5}, {200, 2000, 3.0}, {50, 5000, 2.0}}) {
    const double area = 0.5 * std::erfc(-distance / 2.0);
    int covered = 0;
    for (int run = 0; run < kRuns; ++run) {
      ScoreHistogram histogram;
      for (int i = 0; i < positives + negatives; ++i) {
        const bool positive = i < positives;
        const double logit = random.Normal() + (positive ? distance : 0.0) - 2.0;
        histogram.AddLabel(*ScoreFromLogit(logit), score_grid::kFine, positive);
      }
      const auto interval = RocAucInterval(*RocAuc(histogram));
      covered += interval && interval->low <= area && area <= interval->high ? 1 : 0;
    }
    std::printf("| %d | %d | %.4f | %.4f |\n", positives, negatives, area, double(covered) / kRuns);
  }
}

// Of calibrated forecasts: how far above its noise floor does the ECE get, in its own deviations?
void PrintCalibrationErrors() {
  constexpr int kRuns = 4'000;
  std::printf(
      "\n| labels | mean ECE | mean floor | 99 %% of z | 99.9 %% of z |\n"
      "|---|---|---|---|---|\n");
  Random random(kSeed + 2);
  for (const int labels : {200, 1'000, 10'000}) {
    double ece = 0;
    double floor = 0;
    std::vector<double> z;
    for (int run = 0; run < kRuns; ++run) {
      ReliabilityBins bins;
      for (int i = 0; i < labels; ++i) {
        const Score score = Score::FromClipped(random.Uniform());
        bins.Add(score, random.Uniform() < score.probability());
      }
      const auto error = ExpectedCalibrationError(bins);
      ece += error->ece / kRuns;
      floor += error->noise_floor / kRuns;
      z.push_back(error->z());
    }
    std::sort(z.begin(), z.end());
    std::printf("| %d | %.5f | %.5f | %.2f | %.2f |\n", labels, ece, floor, z[kRuns * 99 / 100],
                z[kRuns * 999 / 1000]);
  }
}

}  // namespace
}  // namespace guardwatch

int main() {
  guardwatch::PrintProportions();
  guardwatch::PrintAnytime();
  guardwatch::PrintAreas();
  guardwatch::PrintCalibrationErrors();
}
