#include "stats/distance.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <vector>

#include <boost/math/special_functions/gamma.hpp>

#include "base/check.h"

namespace guardwatch {
namespace {

// P(X > x), X gamma distributed.
double GammaTail(double shape, double scale, double x) {
  return x > 0 ? boost::math::gamma_q(shape, x / scale) : 1.0;
}

// P(sup |Brownian bridge| > x). Kolmogorov (1933); the second form converges where the first does
// not.
double KolmogorovTail(double x) {
  if (x < 0.2) return 1.0;  // Up to 1e-12.
  constexpr double kPi = std::numbers::pi;
  double sum = 0;
  if (x < 1) {
    for (int k = 1; k <= 7; k += 2) sum += std::exp(-k * k * kPi * kPi / (8 * x * x));
    return 1.0 - std::sqrt(2 * kPi) / x * sum;
  }
  for (int k = 1; k <= 5; ++k) sum += (k % 2 == 1 ? 2.0 : -2.0) * std::exp(-2.0 * k * k * x * x);
  return sum;
}

// Covariance of |X| and |Y|, jointly normal with mean 0, standard deviation 1 and correlation rho.
double AbsoluteCovariance(double rho) {
  const double r = std::clamp(rho, -1.0, 1.0);
  return 2.0 / std::numbers::pi * (std::sqrt(1.0 - r * r) + r * std::asin(r) - 1.0);
}

std::int64_t TotalOf(std::span<const std::int64_t> counts) {
  return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
}

// What stands between two positions: a step of both distribution functions.
struct Step {
  double width = 0;
  double reference = 0;  // F_r
  double live = 0;       // F_c
};

std::vector<Step> StepsOf(std::span<const OrderedBin> bins, double m, double n) {
  std::vector<Step> steps;
  std::int64_t reference = 0;
  std::int64_t live = 0;
  for (std::size_t i = 0; i + 1 < bins.size(); ++i) {
    reference += bins[i].reference;
    live += bins[i].live;
    steps.push_back(
        {bins[i + 1].position - bins[i].position, double(reference) / m, double(live) / n});
  }
  return steps;
}

// Neighbours joined until there are at most kMostSteps, about equally many in each.
std::vector<Step> Thinned(std::span<const Step> steps) {
  constexpr std::size_t kMostSteps = 48;
  const std::size_t per_step = (steps.size() + kMostSteps - 1) / kMostSteps;
  std::vector<Step> thinned;
  for (std::size_t first = 0; first < steps.size(); first += per_step) {
    Step& joined = thinned.emplace_back();
    for (std::size_t i = first; i < std::min(first + per_step, steps.size()); ++i) {
      joined.width += steps[i].width;
      joined.reference += steps[i].width * steps[i].reference;
    }
    joined.reference /= joined.width;
  }
  return thinned;
}

// Variance of the integral of |Brownian bridge| along the steps of the reference.
double AbsoluteBridgeVariance(std::span<const Step> all) {
  const std::vector<Step> steps = Thinned(all);
  double variance = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const double f = steps[i].reference;
    if (!(f > 0 && f < 1)) continue;
    const double sd = steps[i].width * std::sqrt(f * (1 - f));
    for (std::size_t j = i; j < steps.size(); ++j) {
      const double g = steps[j].reference;
      if (!(g < 1)) break;
      const double other = steps[j].width * std::sqrt(g * (1 - g));
      const double rho = std::sqrt(f * (1 - g) / (g * (1 - f)));
      variance += (i == j ? 1.0 : 2.0) * sd * other * AbsoluteCovariance(rho);
    }
  }
  return variance;
}

double StandardDeviation(std::span<const OrderedBin> bins, double m) {
  double mean = 0;
  for (const OrderedBin& bin : bins) mean += double(bin.reference) / m * bin.position;
  double variance = 0;
  for (const OrderedBin& bin : bins) {
    const double gap = bin.position - mean;
    variance += double(bin.reference) / m * gap * gap;
  }
  return std::sqrt(variance);
}

}  // namespace

std::optional<GroupDistances> CompareGroups(std::span<const std::int64_t> reference,
                                            std::span<const std::int64_t> live) {
  GUARDWATCH_CHECK(reference.size() == live.size());
  GroupDistances result;
  result.groups = reference.size();
  result.reference = TotalOf(reference);
  result.live = TotalOf(live);
  if (result.groups < 2 || result.reference <= 0 || result.live <= 0) return std::nullopt;

  const double smoothing = 0.5 * double(result.groups);
  double psi = 0;
  double js = 0;
  double overlap = 0;
  double kl = 0;
  for (std::size_t g = 0; g < result.groups; ++g) {
    const double r = (double(reference[g]) + 0.5) / (double(result.reference) + smoothing);
    const double c = (double(live[g]) + 0.5) / (double(result.live) + smoothing);
    const double middle = 0.5 * (r + c);
    const double gap = std::sqrt(r) - std::sqrt(c);
    psi += (c - r) * std::log(c / r);
    kl += c * std::log(c / r);
    result.entropy -= c * std::log(c);
    js += 0.5 * (r * std::log(r / middle) + c * std::log(c / middle));
    overlap += 0.5 * gap * gap;
  }
  const double f = 1.0 / double(result.reference) + 1.0 / double(result.live);
  const double freedom = double(result.groups) - 1;
  const auto judged = [&](double value, double scale) {
    return Distance{value, scale * freedom, GammaTail(0.5 * freedom, 2.0, value / scale)};
  };
  result.population_stability = judged(psi, f);
  result.jensen_shannon = judged(std::max(js, 0.0), f / 8);  // Rounding may leave a hair below 0.
  result.hellinger_squared = judged(overlap, f / 8);
  result.kullback_leibler = judged(std::max(kl, 0.0), f / 2);
  return result;
}

DriftLevel DriftLevelOf(const Distance& population_stability) {
  constexpr double kSignificance = 0.001;
  const double excess = population_stability.excess();
  if (population_stability.p > kSignificance || excess <= 0.02) return DriftLevel::kNone;
  if (excess <= 0.1) return DriftLevel::kSlight;
  return excess <= 0.25 ? DriftLevel::kNotable : DriftLevel::kLarge;
}

std::optional<OrderedDistances> CompareOrdered(std::span<const OrderedBin> bins) {
  OrderedDistances result;
  for (const OrderedBin& bin : bins) {
    result.reference += bin.reference;
    result.live += bin.live;
  }
  if (result.reference <= 0 || result.live <= 0) return std::nullopt;
  const double m = double(result.reference);
  const double n = double(result.live);
  const double root = std::sqrt(1.0 / m + 1.0 / n);

  double spread = 0;  // Integral of sqrt(F (1 - F)).
  Distance& ks = result.kolmogorov_smirnov;
  Distance& w1 = result.wasserstein;
  const std::vector<Step> steps = StepsOf(bins, m, n);
  for (const Step& step : steps) {
    const double gap = std::fabs(step.reference - step.live);
    ks.value = std::max(ks.value, gap);
    w1.value += step.width * gap;
    spread += step.width * std::sqrt(step.reference * (1 - step.reference));
  }
  ks.noise_floor = std::sqrt(std::numbers::pi / 2) * std::numbers::ln2 * root;
  ks.p = KolmogorovTail(ks.value / root);
  w1.noise_floor = std::sqrt(2 / std::numbers::pi) * root * spread;
  result.wasserstein_sd = root * std::sqrt(AbsoluteBridgeVariance(steps));
  result.reference_sd = StandardDeviation(bins, m);
  if (result.wasserstein_sd > 0) {
    const double scale = result.wasserstein_sd * result.wasserstein_sd / w1.noise_floor;
    w1.p = GammaTail(w1.noise_floor / scale, scale, w1.value);
  } else if (w1.value > 0) {
    w1.p = 0;  // The reference is a single value, and the live scores are not.
  }
  return result;
}

std::optional<OrderedDistances> CompareScores(const ScoreHistogram& reference,
                                              const ScoreHistogram& live, int m) {
  std::vector<OrderedBin> bins;
  auto r = reference.cells().begin();
  auto c = live.cells().begin();
  while (r != reference.cells().end() || c != live.cells().end()) {
    const bool at_r = r != reference.cells().end() && (c == live.cells().end() || r->bin <= c->bin);
    const std::uint16_t bin = at_r ? r->bin : c->bin;
    const score_grid::Range range = score_grid::RangeOf(bin, m);
    OrderedBin& both = bins.emplace_back();
    both.position = (double(range.low) + double(range.high)) / 2 / double{kScoreOne};
    if (at_r) both.reference = (r++)->scored;
    if (c != live.cells().end() && c->bin == bin) both.live = (c++)->scored;
  }
  return CompareOrdered(bins);
}

}  // namespace guardwatch
