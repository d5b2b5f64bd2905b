#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "stats/ranking.h"
#include "stats/reliability.h"
#include "stats/score_histogram.h"

namespace guardwatch {
namespace {

using score_grid::BinCount;
using score_grid::BinOf;
using score_grid::kCoarse;
using score_grid::kFine;
using score_grid::RangeOf;

TEST(ScoreGridTest, PublishedVectors) {
  const struct {
    double p;
    int fine, coarse;
  } rows[] = {{0, 0, 0},       {1e-9, 1, 1},         {1e-6, 193, 112}, {.001, 512, 272},
              {.02, 648, 340}, {.3, 774, 403},       {.5, 800, 416},   {.7, 826, 429},
              {.98, 952, 492}, {.999999, 1407, 720}, {1, 1600, 832}};
  for (const auto& row : rows) {
    EXPECT_EQ(BinOf(Score::FromClipped(row.p), kFine), row.fine) << row.p;
    EXPECT_EQ(BinOf(Score::FromClipped(row.p), kCoarse), row.coarse) << row.p;
  }
  EXPECT_EQ(BinCount(kFine), 1601);
  EXPECT_EQ(BinCount(kCoarse), 833);
}

TEST(ScoreGridTest, BinsAreContiguousAndTheirRangesInvertThem) {
  for (const int m : {kCoarse, kFine}) {
    std::uint32_t next = 0;
    for (std::uint16_t bin = 0; bin < BinCount(m); ++bin) {
      const score_grid::Range range = RangeOf(bin, m);
      EXPECT_EQ(range.low, next) << bin;
      EXPECT_EQ(BinOf(Score{range.low}, m), bin);
      EXPECT_EQ(BinOf(Score{range.high}, m), bin);
      next = range.high + 1;
    }
    EXPECT_EQ(next, kScoreOne + 1);
  }
}

TEST(ScoreGridTest, TheFineGridNestsInTheCoarseOne) {
  for (std::uint16_t bin = 0; bin < BinCount(kFine); ++bin) {
    const score_grid::Range range = RangeOf(bin, kFine);
    EXPECT_EQ(BinOf(Score{range.low}, kCoarse), BinOf(Score{range.high}, kCoarse)) << bin;
  }
}

TEST(ReliabilityBinsTest, EdgesAreExact) {
  EXPECT_EQ(ReliabilityBins::BinOf(Score{0}), 0);
  EXPECT_EQ(ReliabilityBins::BinOf(Score{kScoreOne}), 14);
  for (std::uint32_t bin = 1; bin < 15; ++bin) {
    // The least q with q * 15 >= bin * 2^30.
    const auto edge = static_cast<std::uint32_t>((std::uint64_t{bin} * kScoreOne + 14) / 15);
    EXPECT_EQ(ReliabilityBins::BinOf(Score{edge}), static_cast<int>(bin));
    EXPECT_EQ(ReliabilityBins::BinOf(Score{edge - 1}), static_cast<int>(bin) - 1);
  }
}

TEST(RocAucTest, ItsBracketHoldsTheExactArea) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::vector<std::pair<std::uint32_t, bool>> labeled;
    ScoreHistogram histogram;
    for (int i = 0; i < 40; ++i) {
      const Score score{static_cast<std::uint32_t>(random() % (kScoreOne + 1))};
      const bool positive = random() % 2 == 0;
      labeled.push_back({score.q, positive});
      histogram.AddLabel(score, kCoarse, positive);
    }
    double ordered = 0;
    double pairs = 0;
    for (const auto& [p, p_positive] : labeled) {
      for (const auto& [n, n_positive] : labeled) {
        if (!p_positive || n_positive) continue;
        pairs += 1;
        ordered += p > n ? 1 : (p == n ? 0.5 : 0);
      }
    }
    const auto auc = RocAuc(histogram);
    if (pairs == 0) {
      EXPECT_FALSE(auc);
      continue;
    }
    ASSERT_TRUE(auc);
    EXPECT_LE(auc->bracket_low, ordered / pairs + 1e-12);
    EXPECT_GE(auc->bracket_high, ordered / pairs - 1e-12);
  }
}

TEST(RocAucTest, OneClassHasNoAreaAndTiesCountHalf) {
  ScoreHistogram histogram;
  EXPECT_FALSE(RocAuc(histogram));
  histogram.AddLabel(7, true);
  EXPECT_FALSE(RocAuc(histogram));
  histogram.AddLabel(7, false);
  EXPECT_DOUBLE_EQ(RocAuc(histogram)->value, 0.5);
}

}  // namespace
}  // namespace guardwatch
