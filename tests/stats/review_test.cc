#include "stats/review.h"

#include <array>
#include <cmath>
#include <random>
#include <rapidcheck.h>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

// 1000 events near the threshold, half of them reviewed and a fifth of those wrong; 9000 others,
// one in twenty reviewed and one in fifty of those wrong.
const std::array<ReviewStratum, 2> kStrata{{{1000, 500, 100}, {9000, 450, 9}}};

WeightedReview Weighted() {
  WeightedReview sums;
  for (int i = 0; i < 500; ++i) sums.Add(ReviewWeight::From(.5), i < 100);
  for (int i = 0; i < 450; ++i) sums.Add(ReviewWeight::From(.05), i < 9);
  return sums;
}

TEST(PostStratifyTest, HasThePublishedValues) {
  const StratifiedRate rate = PostStratify(kStrata).value();
  EXPECT_NEAR(109.0 / 950, .114737, 5e-7);  // What the labels alone say.
  EXPECT_DOUBLE_EQ(rate.rate, .038);
  EXPECT_NEAR(rate.se.value(), .00621, 5e-6);
  EXPECT_EQ(rate.strata, 2u);
  EXPECT_EQ(rate.merged_unlabeled_share, 0);
}

TEST(PostStratifyTest, StrataWithFewLabelsJoinTheirNeighbours) {
  const std::vector<ReviewStratum> strata{
      {100, 0, 0}, {100, 4, 1}, {100, 3, 1}, {100, 10, 5}, {100, 1, 1}};
  const std::vector<ReviewStratum> merged = MergeSparseStrata(strata);
  ASSERT_EQ(merged.size(), 2u);
  EXPECT_EQ(merged[0].scored, 300);
  EXPECT_EQ(merged[0].labeled, 7);
  EXPECT_EQ(merged[1].scored, 200) << "what is left at the end joins the last";
  EXPECT_EQ(merged[1].positive, 6);
  const StratifiedRate rate = PostStratify(strata).value();
  EXPECT_DOUBLE_EQ(rate.rate, .6 * 2 / 7 + .4 * 6 / 11);
  EXPECT_DOUBLE_EQ(rate.merged_unlabeled_share, (293 + 189) / 500.0);
}

TEST(PostStratifyTest, NeedsLabels) {
  EXPECT_FALSE(PostStratify({}));
  EXPECT_FALSE(PostStratify(std::array<ReviewStratum, 1>{{{100, 0, 0}}}));
  const StratifiedRate one =
      PostStratify(std::array<ReviewStratum, 2>{{{5, 1, 1}, {5, 0, 0}}}).value();
  EXPECT_EQ(one.rate, 1);
  EXPECT_FALSE(one.se);
}

TEST(PostStratifyTest, StrataAreTheGridBinsThatHoldSomething) {
  ScoreHistogram histogram;
  for (int i = 0; i < 4; ++i) histogram.AddScore(7);
  histogram.AddScore(9);
  histogram.AddLabel(std::uint16_t{7}, true);
  histogram.AddLabel(std::uint16_t{7}, false);
  const std::vector<ReviewStratum> strata = ReviewStrataOf(histogram);
  ASSERT_EQ(strata.size(), 2u);
  EXPECT_EQ(strata[0].scored, 4);
  EXPECT_EQ(strata[0].labeled, 2);
  EXPECT_EQ(strata[0].positive, 1);
  EXPECT_EQ(strata[1].labeled, 0);
}

TEST(WeightedRateTest, HasThePublishedValues) {
  const WeightedRate rate = WeightedRateOf(Weighted(), 10'000).value();
  EXPECT_DOUBLE_EQ(rate.horvitz_thompson, .038);
  EXPECT_DOUBLE_EQ(rate.hajek, .038);
  EXPECT_NEAR(rate.effective_n, 549.45, 5e-3);
  EXPECT_EQ(rate.clipped_share, 0);
  // sqrt(sum w^2 (x - h)^2) / sum w by hand: 100 and 400 of weight 2, 9 and 441 of weight 20.
  const double deviation =
      4 * (100 * .962 * .962 + 400 * .038 * .038) + 400 * (9 * .962 * .962 + 441 * .038 * .038);
  EXPECT_NEAR(rate.se, std::sqrt(deviation) / 10'000, 1e-15);
  EXPECT_LT(rate.interval.low, .038);
  EXPECT_GT(rate.interval.high, .038);
}

TEST(WeightedRateTest, EqualWeightsAreAFairSample) {
  WeightedReview sums;
  for (int i = 0; i < 10; ++i) sums.Add(ReviewWeight::From(.25), i < 3);
  const WeightedRate rate = WeightedRateOf(sums, 40).value();
  EXPECT_DOUBLE_EQ(rate.hajek, .3);
  EXPECT_DOUBLE_EQ(rate.effective_n, 10);
  EXPECT_NEAR(rate.interval.low, .107791, 5e-7);  // Wilson's of 3 in 10.
  EXPECT_NEAR(rate.interval.high, .603222, 5e-7);
}

TEST(WeightedRateTest, WeightsAreClippedAtFiftyAndItShows) {
  EXPECT_EQ(ReviewWeight::From(1).q24, ReviewWeight::kOne);
  EXPECT_EQ(ReviewWeight::From(.02).q24, ReviewWeight::kGreatest);
  EXPECT_FALSE(ReviewWeight::From(.02).clipped);
  EXPECT_TRUE(ReviewWeight::From(.01).clipped);
  EXPECT_EQ(ReviewWeight::From(1e-320).q24, ReviewWeight::kGreatest);
  WeightedReview sums;
  sums.Add(ReviewWeight::From(.001), true);
  sums.Add(ReviewWeight::From(.02), false);
  const WeightedRate rate = WeightedRateOf(sums, 100).value();
  EXPECT_DOUBLE_EQ(rate.hajek, .5);
  EXPECT_DOUBLE_EQ(rate.clipped_share, .5);
  EXPECT_EQ(sums.clipped, 1);
}

TEST(WeightedRateTest, NeedsLabels) {
  EXPECT_FALSE(WeightedRateOf({}, 100));
  EXPECT_FALSE(WeightedRateOf(Weighted(), 0));
}

TEST(WeightedRateTest, ABiasedReviewIsUndone) {
  constexpr unsigned kSeed = 42;
  SCOPED_TRACE(kSeed);
  std::mt19937_64 random(kSeed);
  std::uniform_real_distribution<double> uniform;
  constexpr int kEvents = 200'000;
  WeightedReview sums;
  std::int64_t wrong = 0;
  for (int i = 0; i < kEvents; ++i) {
    const bool suspicious = uniform(random) < .1;
    const bool x = uniform(random) < (suspicious ? .2 : .02);
    wrong += x ? 1 : 0;
    const double probability = suspicious ? .5 : .05;
    if (uniform(random) < probability) sums.Add(ReviewWeight::From(probability), x);
  }
  const WeightedRate rate = WeightedRateOf(sums, kEvents).value();
  EXPECT_NEAR(rate.hajek, double(wrong) / kEvents, 4 * rate.se);
  EXPECT_NEAR(rate.horvitz_thompson, double(wrong) / kEvents, 4 * rate.se);
}

TEST(WeightedReviewPropertyTest, MergesExactlyAndTakesBack) {
  EXPECT_TRUE(rc::check([] {
    using Reviews = std::vector<std::pair<int, bool>>;
    const auto any = [] {
      return *rc::gen::container<Reviews>(
          rc::gen::pair(rc::gen::inRange(1, 1001), rc::gen::arbitrary<bool>()));
    };
    const auto sums_of = [](const Reviews& reviews) {
      WeightedReview sums;
      for (const auto& [permille, x] : reviews) sums.Add(ReviewWeight::From(permille / 1000.0), x);
      return sums;
    };
    const Reviews a = any();
    const Reviews b = any();
    Reviews both = b;
    both.insert(both.end(), a.begin(), a.end());
    WeightedReview sum = sums_of(a);
    sum += sums_of(b);
    RC_ASSERT(sum == sums_of(both));
    sum -= sums_of(b);
    RC_ASSERT(sum == sums_of(a));
    for (const auto& [permille, x] : a) sum.Add(ReviewWeight::From(permille / 1000.0), x, -1);
    RC_ASSERT(sum == WeightedReview());
  }));
}

TEST(WeightedReviewPropertyTest, RatesAndEffectiveSizesAreBounded) {
  EXPECT_TRUE(rc::check([] {
    const auto permilles =
        *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 1001)));
    WeightedReview sums;
    for (const int permille : permilles)
      sums.Add(ReviewWeight::From(permille / 1000.0), permille % 3 == 0);
    const WeightedRate rate = WeightedRateOf(sums, std::int64_t(permilles.size())).value();
    RC_ASSERT(rate.hajek >= 0 && rate.hajek <= 1);
    RC_ASSERT(rate.effective_n >= 1 - 1e-9);
    RC_ASSERT(rate.effective_n <= double(permilles.size()) * (1 + 1e-12));
    RC_ASSERT(rate.interval.low <= rate.hajek && rate.hajek <= rate.interval.high);
  }));
}

}  // namespace
}  // namespace guardwatch
