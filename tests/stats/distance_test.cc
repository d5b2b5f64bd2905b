#include "stats/distance.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <rapidcheck.h>
#include <vector>

#include <gtest/gtest.h>

#include "stats/score_groups.h"

namespace guardwatch {
namespace {

using Counts = std::vector<std::int64_t>;

// Shares (.5, .3, .15, .05) and (.4, .3, .2, .1), of so many scores that smoothing does not show.
const Counts kReference{500'000'000, 300'000'000, 150'000'000, 50'000'000};
const Counts kLive{400'000'000, 300'000'000, 200'000'000, 100'000'000};

std::vector<OrderedBin> Ordered(const Counts& reference, const Counts& live) {
  std::vector<OrderedBin> bins;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    bins.push_back({(double(i) + .5) / double(reference.size()), reference[i], live[i]});
  }
  return bins;
}

TEST(GroupDistancesTest, HaveThePublishedValues) {
  const GroupDistances distances = CompareGroups(kReference, kLive).value();
  EXPECT_NEAR(distances.population_stability.value, .0713558, 5e-8);
  EXPECT_NEAR(distances.jensen_shannon.value, .0088228, 5e-8);
  EXPECT_NEAR(std::sqrt(distances.jensen_shannon.value / std::log(2.0)), .112821, 5e-7);
  EXPECT_NEAR(distances.hellinger_squared.value, .0088706, 5e-8);
  EXPECT_NEAR(std::sqrt(distances.hellinger_squared.value), .0941841, 5e-8);
}

TEST(GroupDistancesTest, AreJudgedByChiSquared) {
  // n = 2000 against m = 20000 in 10 groups: floor .00495, 99 % .0119, 99.9 % .0153.
  const Counts reference(10, 2000);
  Counts live(10, 200);
  live[0] += 45;
  live[1] -= 45;
  const GroupDistances distances = CompareGroups(reference, live).value();
  EXPECT_NEAR(distances.population_stability.noise_floor, .00495, 5e-6);
  EXPECT_NEAR(distances.jensen_shannon.noise_floor, .00495 / 8, 5e-6 / 8);
  // From SciPy 1.17: chi2.sf(value / f, 9).
  EXPECT_NEAR(distances.population_stability.value, 0.010249029776901687, 1e-15);
  EXPECT_NEAR(distances.population_stability.p, 0.028485426415520914, 1e-12);
  EXPECT_NEAR(distances.jensen_shannon.p, 0.028887772601533867, 1e-12);
  EXPECT_NEAR(distances.hellinger_squared.p, 0.028686226353028043, 1e-12);
}

// `share` s of the scores of the second of ten groups move to the first: the index is
// 0.1 s ln((1 + s) / (1 - s)), .0339 for .4, .1758 for .8 and .2650 for .9.
DriftLevel LevelOfShift(std::int64_t n, double share) {
  const Counts reference(10, n);
  Counts live(10, n / 10);
  const auto moved = static_cast<std::int64_t>(share * double(n / 10));
  live[0] += moved;
  live[1] -= moved;
  return DriftLevelOf(CompareGroups(reference, live)->population_stability);
}

TEST(GroupDistancesTest, ADriftIsSignificantAndLarge) {
  EXPECT_EQ(LevelOfShift(100, .5), DriftLevel::kNone) << "not significant";
  EXPECT_EQ(LevelOfShift(1'000'000, .05), DriftLevel::kNone)
      << "significant, but nothing to speak of";
  EXPECT_EQ(LevelOfShift(1'000'000, .8), DriftLevel::kNotable);
  EXPECT_EQ(LevelOfShift(1'000'000, .4), DriftLevel::kSlight);
  EXPECT_EQ(LevelOfShift(1'000'000, .9), DriftLevel::kLarge);
}

TEST(GroupDistancesTest, AreAbsentWithoutCountsAndWithOneGroup) {
  EXPECT_FALSE(CompareGroups(Counts{0, 0}, Counts{1, 1}));
  EXPECT_FALSE(CompareGroups(Counts{1, 1}, Counts{0, 0}));
  EXPECT_FALSE(CompareGroups(Counts{5}, Counts{5}));
  EXPECT_FALSE(CompareGroups(Counts{}, Counts{}));
}

TEST(GroupDistancesTest, AnEmptyGroupIsNoInfinity) {
  const GroupDistances distances = CompareGroups(Counts{1000, 0}, Counts{0, 1000}).value();
  EXPECT_TRUE(std::isfinite(distances.population_stability.value));
  EXPECT_LT(distances.jensen_shannon.value, std::log(2.0));
  EXPECT_LT(distances.hellinger_squared.value, 1);
  EXPECT_LT(distances.population_stability.p, 1e-12);
}

TEST(OrderedDistancesTest, HaveThePublishedValues) {
  const OrderedDistances distances = CompareOrdered(Ordered(kReference, kLive)).value();
  EXPECT_NEAR(distances.kolmogorov_smirnov.value, .1, 1e-12);
  EXPECT_NEAR(distances.wasserstein.value, .0625, 1e-12);
  // Positions .125, .375, .625, .875 with mean .3125: variance .25^2 (.5 * .75^2 + .3 * .25^2 +
  // ...).
  EXPECT_NEAR(distances.reference_sd, .25 * std::sqrt(.7875), 1e-12);
  EXPECT_NEAR(distances.StandardizedWasserstein().value(), .25 / std::sqrt(.7875), 1e-12);
}

// Distribution functions at the edge between two bins: .5 and .5 + gap.
double KolmogorovP(double gap, std::int64_t n) {
  const auto shift = static_cast<std::int64_t>(std::llround(gap * double(n)));
  const Counts reference{n / 2, n / 2};
  const Counts live{n / 2 + shift, n / 2 - shift};
  return CompareOrdered(Ordered(reference, live))->kolmogorov_smirnov.p;
}

TEST(OrderedDistancesTest, KolmogorovsTailHasItsPublishedQuantiles) {
  constexpr std::int64_t kN = 200'000'000;  // f = 1e-8, sqrt f = 1e-4.
  EXPECT_NEAR(KolmogorovP(1.3581e-4, kN), .05, 5e-5);
  EXPECT_NEAR(KolmogorovP(1.6276e-4, kN), .01, 1e-5);
  EXPECT_NEAR(KolmogorovP(1.9495e-4, kN), .001, 2e-6);
  EXPECT_NEAR(KolmogorovP(.82757e-4, kN), .5, 5e-5);  // The median, on the other form's side.
  EXPECT_NEAR(KolmogorovP(.999999e-4, kN), KolmogorovP(1.000001e-4, kN), 1e-5);
  EXPECT_EQ(KolmogorovP(0, kN), 1);
}

TEST(OrderedDistancesTest, AreAbsentWithoutCounts) {
  EXPECT_FALSE(CompareOrdered({}));
  EXPECT_FALSE(CompareOrdered(Ordered({0, 0}, {1, 1})));
  EXPECT_FALSE(CompareOrdered(Ordered({1, 1}, {0, 0})));
}

TEST(OrderedDistancesTest, AReferenceOfOneValueHasNoSpread) {
  const OrderedDistances same = CompareOrdered(Ordered({10, 0}, {10, 0})).value();
  EXPECT_EQ(same.wasserstein.p, 1);
  EXPECT_FALSE(same.StandardizedWasserstein());
  const OrderedDistances moved = CompareOrdered(Ordered({10, 0}, {0, 10})).value();
  EXPECT_EQ(moved.wasserstein.p, 0);
  EXPECT_EQ(moved.kolmogorov_smirnov.value, 1);
}

TEST(OrderedDistancesTest, ScoresAreComparedInTheUnitOfScores) {
  ScoreHistogram reference;
  ScoreHistogram live;
  for (int i = 0; i < 100; ++i) {
    const double p = (i + .5) / 100;
    const int m = score_grid::kFine;
    reference.AddScore(score_grid::BinOf(Score::FromClipped(p * .8), m));
    live.AddScore(score_grid::BinOf(Score::FromClipped(p * .8 + .1), m));
  }
  const OrderedDistances distances = CompareScores(reference, live, score_grid::kFine).value();
  EXPECT_EQ(distances.reference, 100);
  EXPECT_EQ(distances.live, 100);
  EXPECT_NEAR(distances.wasserstein.value, .1, 1.0 / 128);  // Half a bin at each end.
  EXPECT_NEAR(distances.reference_sd, .8 / std::sqrt(12.0), 1.0 / 128);
}

// Draws windows from the reference itself.
struct Simulation {
  double psi_mean = 0;  // In units of f.
  double psi_significant = 0;
  double js_mean = 0;
  double wasserstein_mean = 0;  // In units of its floor.
  double wasserstein_sd = 0;    // In units of its sd.
  double wasserstein_significant = 0;
  double ks_significant = 0;
};

Simulation Simulate(unsigned seed, int windows) {
  std::mt19937_64 random(seed);
  const auto draw = [&random](int n) {
    Counts counts(10);
    for (int i = 0; i < n; ++i) ++counts[random() % 10];
    return counts;
  };
  const double f = 1.0 / 500 + 1.0 / 20000;
  Simulation mean;
  double square = 0;
  for (int i = 0; i < windows; ++i) {
    const Counts reference = draw(20000);
    const Counts live = draw(500);
    const auto groups = CompareGroups(reference, live);
    const auto ordered = CompareOrdered(Ordered(reference, live));
    mean.psi_mean += groups->population_stability.value / f / windows;
    mean.js_mean += 8 * groups->jensen_shannon.value / f / windows;
    mean.psi_significant += groups->population_stability.p < .01 ? 1.0 / windows : 0;
    const double ratio = ordered->wasserstein.value / ordered->wasserstein.noise_floor;
    mean.wasserstein_mean += ratio / windows;
    const double z =
        (ordered->wasserstein.value - ordered->wasserstein.noise_floor) / ordered->wasserstein_sd;
    square += z * z / windows;
    mean.wasserstein_significant += ordered->wasserstein.p < .01 ? 1.0 / windows : 0;
    mean.ks_significant += ordered->kolmogorov_smirnov.p < .05 ? 1.0 / windows : 0;
  }
  mean.wasserstein_sd = std::sqrt(square);
  return mean;
}

TEST(DistanceSimulationTest, NoChangeLooksAsPromised) {
  constexpr unsigned kSeed = 20260101;
  SCOPED_TRACE(kSeed);
  const Simulation mean = Simulate(kSeed, 3000);
  EXPECT_NEAR(mean.psi_mean, 9, .3);
  EXPECT_NEAR(mean.js_mean, 9, .3);
  EXPECT_NEAR(mean.psi_significant, .01, .006);
  EXPECT_NEAR(mean.wasserstein_mean, 1, .04);
  EXPECT_NEAR(mean.wasserstein_sd, 1, .06);
  EXPECT_NEAR(mean.wasserstein_significant, .01, .006);
  EXPECT_LT(mean.ks_significant, .05) << "conservative on few bins";
}

Counts AnyCounts(std::size_t groups) {
  return *rc::gen::container<Counts>(groups, rc::gen::inRange<std::int64_t>(0, 1000));
}

TEST(DistancePropertyTest, SymmetricBoundedAndZeroForEqualShares) {
  EXPECT_TRUE(rc::check([] {
    const auto groups = *rc::gen::inRange<std::size_t>(2, 12);
    const Counts a = AnyCounts(groups);
    const Counts b = AnyCounts(groups);
    const auto ab = CompareGroups(a, b);
    const auto ba = CompareGroups(b, a);
    RC_PRE(ab.has_value() && ba.has_value());
    const auto near = [](double x, double y) { return std::fabs(x - y) <= 1e-12; };
    RC_ASSERT(near(ab->population_stability.value, ba->population_stability.value));
    RC_ASSERT(near(ab->jensen_shannon.value, ba->jensen_shannon.value));
    RC_ASSERT(near(ab->hellinger_squared.value, ba->hellinger_squared.value));
    RC_ASSERT(ab->jensen_shannon.value <= std::log(2.0));
    // Topsoe (2000): H^2 / 2 <= JS / 2 <= ln 2 H^2, with H^2 = half the squared gap of roots.
    RC_ASSERT(ab->jensen_shannon.value + 1e-12 >= ab->hellinger_squared.value / 2);
    RC_ASSERT(ab->jensen_shannon.value <= 2 * std::log(2.0) * ab->hellinger_squared.value + 1e-12);
    const auto same = CompareGroups(a, a);
    RC_ASSERT(near(same->population_stability.value, 0));
    RC_ASSERT(same->population_stability.p > 1 - 1e-9);
  }));
}

TEST(DistancePropertyTest, OrderedDistancesAreMetrics) {
  EXPECT_TRUE(rc::check([] {
    const auto size = *rc::gen::inRange<std::size_t>(1, 12);
    const Counts a = AnyCounts(size);
    const Counts b = AnyCounts(size);
    const Counts c = AnyCounts(size);
    const auto ab = CompareOrdered(Ordered(a, b));
    const auto ba = CompareOrdered(Ordered(b, a));
    const auto bc = CompareOrdered(Ordered(b, c));
    const auto ac = CompareOrdered(Ordered(a, c));
    RC_PRE(ab && ba && bc && ac);
    RC_ASSERT(std::fabs(ab->wasserstein.value - ba->wasserstein.value) <= 1e-12);
    RC_ASSERT(ac->wasserstein.value <= ab->wasserstein.value + bc->wasserstein.value + 1e-12);
    RC_ASSERT(ab->kolmogorov_smirnov.value <= 1);
    RC_ASSERT(ab->wasserstein.value <= ab->kolmogorov_smirnov.value + 1e-12);  // Range below 1.
    RC_ASSERT(ab->wasserstein.p >= 0 && ab->wasserstein.p <= 1);
    const auto same = CompareOrdered(Ordered(a, a));
    RC_ASSERT(same->wasserstein.value == 0 && same->kolmogorov_smirnov.value == 0);
  }));
}

TEST(ScoreGroupsTest, HoldAboutEquallyManyReferenceScores) {
  constexpr unsigned kSeed = 5;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  ScoreHistogram reference;
  for (int i = 0; i < 10'000; ++i) {
    const Score score{static_cast<std::uint32_t>(random() % (kScoreOne + 1))};
    reference.AddScore(score_grid::BinOf(score, score_grid::kFine));
  }
  const ScoreGroups groups = ScoreGroups::From(reference, score_grid::kFine, 10).value();
  const Counts counts = groups.CountsOf(reference);
  ASSERT_EQ(counts.size(), 10u);
  for (const std::int64_t count : counts) EXPECT_NEAR(double(count), 1000, 320);  // Bins of 1/64.
  EXPECT_EQ(groups.last.back(), score_grid::BinCount(score_grid::kFine) - 1);
}

TEST(ScoreGroupsTest, ShrinkInNumberWhereScoresTie) {
  ScoreHistogram reference;
  EXPECT_FALSE(ScoreGroups::From(reference, score_grid::kFine, 10));
  for (int i = 0; i < 70; ++i) reference.AddScore(3);
  for (int i = 0; i < 30; ++i) reference.AddScore(9);
  const ScoreGroups groups = ScoreGroups::From(reference, score_grid::kFine, 10).value();
  EXPECT_EQ(groups.last, (std::vector<std::uint16_t>{3, 1600}));
  EXPECT_EQ(groups.CountsOf(reference), (Counts{70, 30}));
}

TEST(ScoreGroupsTest, CountEveryScoreOnce) {
  EXPECT_TRUE(rc::check([] {
    const auto bins = *rc::gen::nonEmpty(
        rc::gen::container<std::vector<std::uint16_t>>(rc::gen::inRange<std::uint16_t>(0, 833)));
    ScoreHistogram reference;
    for (const std::uint16_t bin : bins) reference.AddScore(bin);
    const auto wanted = *rc::gen::inRange(1, 21);
    const auto groups = ScoreGroups::From(reference, score_grid::kCoarse, wanted);
    const Counts counts = groups->CountsOf(reference);
    RC_ASSERT(counts.size() <= std::size_t(wanted));
    std::int64_t total = 0;
    for (const std::int64_t count : counts) {
      RC_ASSERT(count > 0);
      total += count;
    }
    RC_ASSERT(total == std::int64_t(bins.size()));
  }));
}

}  // namespace
}  // namespace guardwatch
