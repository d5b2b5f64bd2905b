#include "window/packed_aggregate.h"

#include <array>
#include <cstdint>
#include <limits>
#include <random>
#include <utility>

#include <gtest/gtest.h>

#include "window/aggregate_numbers.h"

namespace guardwatch {
namespace {

constexpr unsigned kSeed = 20267;

// Numbers of every length, of both signs, many of them zero: more than counting could ever give.
class AnyAggregate {
 public:
  explicit AnyAggregate(unsigned seed) : random_(seed) {}

  Aggregate Draw() {
    Aggregate a;
    for (const auto count : kAggregateCounts) a.*count = Number();
    for (const auto sum : kAggregateSums) a.*sum = Int128{Number()} * Number();
    if (random_() % 2 == 0) {
      for (int i = 0; i < kReliabilityBins; ++i)
        a.reliability.Set(i, {Number(), Number(), Number()});
    }
    a.histogram = Histogram();
    if (random_() % 2 == 0) a.weighted.Set(Weights());
    if (random_() % 2 == 0) {
      const std::array<LabeledClasses::Pair, 2> pairs{{{"a", "", Number()}, {"", "b", Number()}}};
      a.classes = LabeledClasses(pairs);
    }
    if (random_() % 2 == 0) {
      for (int i = 0; i < LatencyHistogram::kBuckets; ++i) a.latency.Set(i, Number());
      a.latency.SetSum(Number());
    }
    return a;
  }

 private:
  std::int64_t Number() {
    if (random_() % 3 == 0) return 0;
    const auto size = static_cast<int>(random_() % 63);
    const auto number = static_cast<std::int64_t>(random_() >> (63 - size));
    return random_() % 2 == 0 ? number : -number;
  }

  ScoreHistogram Histogram() {
    ScoreHistogram histogram(random_() % 2 == 0 ? score_grid::kFine : score_grid::kCoarse);
    for (std::size_t left = random_() % 40; left > 0; --left) {
      histogram.Set({static_cast<std::uint16_t>(random_() % score_grid::BinCount(histogram.m())),
                     static_cast<std::int32_t>(Number()), Number(), Number(), Number(), Number()});
    }
    return histogram;
  }

  WeightedSums Weights() {
    WeightedSums sums;
    for (const auto kind : kWeightSums) sums.*kind = {Number(), Number(), Number()};
    sums.loss = Number();
    for (WeightedBin& bin : sums.bins) bin = {Number(), Number(), Number()};
    return sums;
  }

  std::mt19937_64 random_;
};

TEST(PackedAggregateTest, GivesBackEveryNumber) {
  SCOPED_TRACE(kSeed);
  AnyAggregate any(kSeed);
  for (int i = 0; i < 500; ++i) {
    const Aggregate a = any.Draw();
    const Aggregate back = PackedAggregate(a).Unpack();
    ASSERT_EQ(back, a) << "draw " << i;
    if (!a.histogram.empty()) {
      ASSERT_EQ(back.histogram.m(), a.histogram.m());
    }
  }
}

TEST(PackedAggregateTest, GivesBackTheGreatestAndLeastNumbers) {
  for (const std::int64_t extreme :
       {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    Aggregate a;
    for (const auto count : kAggregateCounts) a.*count = extreme;
    for (const auto sum : kAggregateSums) a.*sum = Int128{extreme} * (Int128{1} << 63);
    a.reliability.Set(14, {extreme, extreme, extreme});
    a.latency.SetSum(extreme);
    EXPECT_EQ(PackedAggregate(a).Unpack(), a);
  }
}

TEST(PackedAggregateTest, OfNothingIsNothing) {
  EXPECT_EQ(PackedAggregate().Unpack(), Aggregate{});
  EXPECT_EQ(PackedAggregate(Aggregate{}).Unpack(), Aggregate{});
}

TEST(PackedAggregateTest, AFewEventsTakeAFewDozenBytes) {
  std::mt19937 random(kSeed);
  Aggregate a;
  for (int i = 0; i < 5; ++i) {
    const Score score{static_cast<std::uint32_t>(random() % kScoreOne)};
    a.scored += 1;
    a.sampled += 1;
    a.decided += 1;
    a.score_q += score.q;
    a.score_q_squared += Int128{score.q} * score.q;
    a.histogram.AddScore(score_grid::BinOf(score, score_grid::kCoarse));
  }
  EXPECT_LT(PackedAggregate(a).size(), 64u);
}

}  // namespace
}  // namespace guardwatch
