#include "detect/exact_math.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include <gtest/gtest.h>

#include "detect/beta_distribution.h"

namespace guardwatch {
namespace {

// A value between `low` and `high` that depends on `i` only.
double Spread(std::uint64_t i, double low, double high) {
  return low + (high - low) * double((i * 0x9e3779b97f4a7c15u) >> 11) * 0x1p-53;
}

TEST(ExactMathTest, ExpIsWithinThreeUnitsInTheLastPlaceOfTheExtendedPrecisionValue) {
  for (std::uint64_t i = 1; i <= 200'000; ++i) {
    const double x = Spread(i, -700, 700);
    const long double truth = std::exp(static_cast<long double>(x));
    ASSERT_LE(std::abs((static_cast<long double>(ExactExp(x)) - truth) / truth), 6.7e-16L) << x;
  }
}

TEST(ExactMathTest, LogIsWithinThreeUnitsInTheLastPlaceOfTheExtendedPrecisionValue) {
  for (std::uint64_t i = 1; i <= 200'000; ++i) {
    // Half of them close to 1, where the logarithm vanishes.
    const double x = i % 2 ? std::exp(Spread(i, -700, 700)) : Spread(i, 0.5, 2);
    const long double truth = std::log(static_cast<long double>(x));
    if (truth == 0) continue;
    ASSERT_LE(std::abs((static_cast<long double>(ExactLog(x)) - truth) / truth), 6.7e-16L) << x;
  }
}

TEST(ExactMathTest, EdgesAreThoseOfTheFunctions) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(ExactExp(0), 1);
  EXPECT_EQ(ExactExp(-1e9), 0);
  EXPECT_EQ(ExactExp(-kInfinity), 0);
  EXPECT_EQ(ExactExp(710), kInfinity);
  EXPECT_EQ(ExactExp(1e300), kInfinity);
  EXPECT_NEAR(ExactExp(-744), std::exp(-744.0), 1e-323);
  EXPECT_TRUE(std::isnan(ExactExp(std::nan(""))));
  EXPECT_EQ(ExactLog(1), 0);
  EXPECT_EQ(ExactLog(0), -kInfinity);
  EXPECT_EQ(ExactLog(kInfinity), kInfinity);
  EXPECT_TRUE(std::isnan(ExactLog(-1)));
  EXPECT_NEAR(ExactLog(5e-324), -744.4400719213812, 1e-12);
}

// The bits themselves, so that a compiler or a machine that computes differently is noticed.
TEST(ExactMathTest, BitsAreTheSameEverywhere) {
  std::uint64_t digest = 0xcbf29ce484222325u;
  const auto add = [&digest](double value) {
    std::uint64_t bits = 0;
    static_assert(sizeof bits == sizeof value);
    std::memcpy(&bits, &value, sizeof bits);
    digest = (digest ^ bits) * 0x100000001b3u;
  };
  for (std::uint64_t i = 1; i <= 10'000; ++i) {
    add(ExactExp(Spread(i, -100, 100)));
    add(ExactLog(Spread(i, 1e-9, 10)));
  }
  EXPECT_EQ(digest, 11624368413990831836u);
}

TEST(BetaDistributionTest, LogGammaIsThatOfTheLibrary) {
  for (const double x : {1e-3, .5, 1.0, 2.5, 14.9, 15.0, 100.25, 1e6}) {
    EXPECT_NEAR(ExactLogGamma(x), std::lgamma(x), 1e-14 * (1 + std::abs(std::lgamma(x)))) << x;
  }
}

// Jeffreys interval of 3 in 10: Brown, Cai & DasGupta (2001); digits from SciPy's beta.ppf.
TEST(BetaDistributionTest, QuantilesAreThePublishedOnes) {
  EXPECT_NEAR(BetaQuantile(.025, 3.5, 7.5), .092695, 5e-7);
  EXPECT_NEAR(BetaQuantile(.975, 3.5, 7.5), .605818, 5e-7);
  EXPECT_NEAR(BetaQuantile(.975, .5, 10.5), .217196, 5e-7);
  EXPECT_NEAR(BetaQuantile(.5, 3e5, 7e5), .3, 1e-6);
}

TEST(BetaDistributionTest, ProbabilityOfWholeParametersIsABinomialTail) {
  // P(Beta(a, b) <= x) = P(Bin(a + b - 1, x) >= a).
  double tail = 0;
  double term = std::pow(.7, 9);  // Bin(9, .3) = 0.
  for (int k = 0; k <= 9; ++k) {
    if (k >= 4) tail += term;
    term *= double(9 - k) / double(k + 1) * .3 / .7;
  }
  EXPECT_NEAR(BetaProbability(.3, 4, 6), tail, 1e-14);
}

}  // namespace
}  // namespace guardwatch
