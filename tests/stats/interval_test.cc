#include "stats/interval.h"

#include <cmath>

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

TEST(IntervalTest, ThreeOfTenAsPublished) {
  EXPECT_NEAR(JeffreysInterval(3, 10)->low, .092695, 5e-7);
  EXPECT_NEAR(JeffreysInterval(3, 10)->high, .605818, 5e-7);
  EXPECT_NEAR(ClopperPearsonInterval(3, 10)->low, .066740, 5e-7);
  EXPECT_NEAR(ClopperPearsonInterval(3, 10)->high, .652453, 5e-7);
}

TEST(IntervalTest, NothingOrEverythingOfTenReachesTheEnd) {
  EXPECT_EQ(JeffreysInterval(0, 10)->low, 0.0);
  EXPECT_NEAR(JeffreysInterval(0, 10)->high, .217196, 5e-7);
  EXPECT_NEAR(JeffreysInterval(10, 10)->low, 1 - .217196, 5e-7);
  EXPECT_EQ(JeffreysInterval(10, 10)->high, 1.0);
  // The limit of Clopper and Pearson is elementary here: 1 - (alpha / 2)^(1/n).
  EXPECT_NEAR(ClopperPearsonInterval(0, 10)->high, 1 - std::pow(.025, .1), 1e-12);
  EXPECT_EQ(ClopperPearsonInterval(0, 10)->low, 0.0);
  EXPECT_EQ(ClopperPearsonInterval(10, 10)->high, 1.0);
}

TEST(IntervalTest, NoTrialsHaveNone) {
  EXPECT_FALSE(JeffreysInterval(0, 0));
  EXPECT_FALSE(ClopperPearsonInterval(0, 0));
  EXPECT_FALSE(AnytimeInterval(0, 0));
  EXPECT_FALSE(SampleMeanOf(0, 0, 0, 1.0));
}

TEST(AnytimeIntervalTest, ThirtyOfAThousandIsWiderThanWilsons) {
  const auto anytime = AnytimeInterval(30, 1000);
  ASSERT_TRUE(anytime);
  EXPECT_NEAR(anytime->low, .0142793, 5e-8);
  EXPECT_NEAR(anytime->high, .0540183, 5e-8);
  const auto wilson = WilsonInterval(30, 1000);
  EXPECT_NEAR(wilson->low, .0210937, 5e-8);
  EXPECT_NEAR(wilson->high, .0425034, 5e-8);
}

TEST(AnytimeIntervalTest, NothingSeenBoundsTheRateFromAboveAlone) {
  EXPECT_EQ(AnytimeInterval(0, 500)->low, 0.0);
  EXPECT_NEAR(AnytimeInterval(0, 500)->high, .0132626, 5e-8);
  EXPECT_EQ(AnytimeInterval(500, 500)->high, 1.0);
  EXPECT_NEAR(AnytimeInterval(500, 500)->low, 1 - .0132626, 5e-8);
}

TEST(AnytimeIntervalTest, BillionsOfTrialsHaveANarrowOne) {
  const auto interval = AnytimeInterval(300'000'000, 1'000'000'000);
  ASSERT_TRUE(interval);
  EXPECT_GT(interval->low, .2999);
  EXPECT_LT(interval->high, .3001);
}

TEST(SampleMeanTest, IsExactWhereFloatingPointSumsWouldCancel) {
  // A billion scores next to 1, half of them one quantum higher: the variance is 1/4 of a quantum.
  const std::int64_t n = 1'000'000'000;
  const Int128 q = 1'073'741'000;
  const Int128 sum = q * n + n / 2;
  const Int128 squares = n / 2 * (q * q) + n / 2 * ((q + 1) * (q + 1));
  const auto sample = SampleMeanOf(n, sum, squares, 0x1p-30);
  ASSERT_TRUE(sample);
  EXPECT_DOUBLE_EQ(sample->mean, 1'073'741'000.5 * 0x1p-30);
  EXPECT_NEAR(sample->sd / 0x1p-30, 0.5, 1e-9);
}

TEST(SampleMeanTest, NormalIntervalOfFourNumbers) {
  // 1, 2, 3, 6: mean 3, variance 14/3.
  const auto sample = SampleMeanOf(4, 12, 50, 1.0);
  ASSERT_TRUE(sample);
  EXPECT_DOUBLE_EQ(sample->mean, 3.0);
  EXPECT_DOUBLE_EQ(sample->sd, std::sqrt(14.0 / 3.0));
  const auto interval = NormalInterval(*sample, 2.0);
  ASSERT_TRUE(interval);
  EXPECT_DOUBLE_EQ(interval->high - 3.0, std::sqrt(14.0 / 3.0));
  EXPECT_FALSE(NormalInterval(*SampleMeanOf(1, 5, 25, 1.0)));
}

TEST(AnytimeMeanTest, TenThousandScoresAsPublished) {
  const SampleMean sample{.mean = .5, .sd = .2, .n = 10'000};
  const auto anytime = AnytimeMeanInterval(sample, 5000);
  ASSERT_TRUE(anytime);
  EXPECT_NEAR(anytime->high - .5, .00613844, 5e-9);
  EXPECT_NEAR(NormalInterval(sample)->high - .5, .00392, 5e-7);
  EXPECT_NEAR(AnytimeBoundedMeanInterval(sample)->high - .5, .021055, 5e-7);
}

TEST(AnytimeMeanTest, NeedsAHundredNumbersAndBoundedOnesNeedOne) {
  EXPECT_FALSE(AnytimeMeanInterval({.mean = .5, .sd = .2, .n = 99}, 5000));
  const auto one = AnytimeBoundedMeanInterval({.mean = .5, .sd = 0, .n = 1});
  ASSERT_TRUE(one);
  EXPECT_EQ(one->low, 0.0);
  EXPECT_EQ(one->high, 1.0);
}

}  // namespace
}  // namespace guardwatch
