#include "stats/score_histogram.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

using score_grid::kCoarse;
using score_grid::kFine;

using Sums = std::map<std::uint16_t, HistogramCell>;

// Cells in some of the first `bins` bins, some of which have labels.
Sums RandomSums(std::mt19937_64& random, std::uint16_t bins) {
  Sums sums;
  for (std::uint16_t bin = 0; bin < bins; ++bin) {
    if (random() % 3 != 0) continue;
    HistogramCell& cell = sums[bin];
    cell.bin = bin;
    cell.scored = 1 + static_cast<std::int64_t>(random() % 9);
    if (random() % 4 == 0) cell.positive = 1 + static_cast<std::int64_t>(random() % 3);
  }
  return sums;
}

ScoreHistogram HistogramOf(const Sums& sums) {
  ScoreHistogram histogram;
  for (const auto& [bin, cell] : sums) histogram.Set(cell);
  return histogram;
}

std::vector<HistogramCell> CellsOf(const ScoreHistogram& histogram) {
  const HistogramCells cells = histogram.cells();
  return {cells.begin(), cells.end()};
}

TEST(ScoreHistogramTest, AddingIsAddingBinByBinAndTakingBackLeavesWhatWasThere) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 500; ++round) {
    const auto bins = static_cast<std::uint16_t>(1 + random() % 40);
    const Sums a = RandomSums(random, bins);
    const Sums b = RandomSums(random, bins);
    Sums both = a;
    for (const auto& [bin, cell] : b) {
      HistogramCell& sum = both[bin];
      sum.bin = bin;
      sum.scored += cell.scored;
      sum.positive += cell.positive;
    }
    ScoreHistogram ab = HistogramOf(a);
    ScoreHistogram ba = HistogramOf(b);
    ab += HistogramOf(b);
    ba += HistogramOf(a);
    ASSERT_EQ(CellsOf(ab), CellsOf(HistogramOf(both)));
    ASSERT_EQ(CellsOf(ba), CellsOf(ab));
    ab -= HistogramOf(b);
    ASSERT_EQ(CellsOf(ab), CellsOf(HistogramOf(a)));
  }
}

TEST(ScoreHistogramTest, AddingABinThatHoldsNothingMakesNone) {
  ScoreHistogram histogram = HistogramOf({{2, {.bin = 2, .scored = 1}}});
  const ScoreHistogram before = histogram;
  histogram += HistogramOf({{1, {.bin = 1}}, {2, {.bin = 2, .scored = 1}}, {3, {.bin = 3}}});
  EXPECT_EQ(CellsOf(histogram), (std::vector<HistogramCell>{{.bin = 2, .scored = 2}}));
  histogram -= before;
  EXPECT_EQ(histogram, before);
}

TEST(ScoreHistogramTest, WhatIsTakenBeforeItCameIsOwed) {
  ScoreHistogram histogram;
  const ScoreHistogram change = HistogramOf({{3, {.bin = 3, .scored = 2}}});
  histogram -= change;
  EXPECT_EQ(CellsOf(histogram), (std::vector<HistogramCell>{{.bin = 3, .scored = -2}}));
  histogram += change;
  EXPECT_TRUE(CellsOf(histogram).empty());
}

TEST(ScoreHistogramTest, ABinRemembersTheExactSumOfItsLabelledScoresByClass) {
  const Score a = Score::FromClipped(.30);
  const Score b = Score::FromClipped(.304);  // The same bin, [.296875, .3046875).
  ScoreHistogram histogram;
  histogram.AddLabel(a, kFine, false);
  histogram.AddLabel(b, kFine, false);
  histogram.AddLabel(b, kFine, true);
  ASSERT_EQ(histogram.cells().size(), 1u);
  const HistogramCell cell = histogram.cells().front();
  constexpr std::int64_t kLow = 318767104;  // .296875 * 2^30
  EXPECT_EQ(2 * kLow + cell.negative_residual, std::int64_t{a.q} + b.q);
  EXPECT_EQ(kLow + cell.positive_residual, std::int64_t{b.q});
}

TEST(ScoreHistogramTest, NoResidualReachesTheWidthThatItsSumHasRoomFor) {
  for (const int m : {kCoarse, kFine}) {
    std::uint32_t widest = 0;
    for (std::uint16_t bin = 0; bin < score_grid::BinCount(m); ++bin) {
      const score_grid::Range range = score_grid::RangeOf(bin, m);
      widest = std::max(widest, range.high - range.low);
    }
    EXPECT_LT(widest, m == kFine ? 1u << 23 : 1u << 24);
  }
}

TEST(ScoreHistogramTest, ALabelTakenBackLeavesNothing) {
  ScoreHistogram histogram;
  histogram.AddLabel(Score::FromClipped(.7), kCoarse, true);
  EXPECT_FALSE(histogram.empty());
  histogram.AddLabel(Score::FromClipped(.7), kCoarse, true, -1);
  EXPECT_TRUE(histogram.empty());
  EXPECT_EQ(histogram, ScoreHistogram{});
}

TEST(ScoreHistogramTest, ABinHasRoomForTheGreatestCountsOfEitherSign) {
  constexpr std::int64_t kMost = ScoredCount::kMost;
  for (const std::int64_t count : {kMost, -kMost, std::int64_t{-1}, std::int64_t{0}}) {
    const ScoredCount held(score_grid::BinCount(kFine), count);
    EXPECT_EQ(held.bin(), score_grid::BinCount(kFine));
    EXPECT_EQ(held.scored(), count);
    ScoredCount back = held;
    back.Add(held, -1);
    EXPECT_TRUE(back.zero());
    EXPECT_EQ(back.bin(), held.bin());
  }
}

TEST(ScoreHistogramTest, SettingACellReplacesItsLabels) {
  ScoreHistogram histogram;
  histogram.AddLabel(Score::FromClipped(.7), kCoarse, true);
  const std::uint16_t bin = score_grid::BinOf(Score::FromClipped(.7), kCoarse);
  histogram.Set({.bin = bin, .scored = 5});
  ASSERT_EQ(histogram.cells().size(), 1u);
  EXPECT_EQ(histogram.cells().front(), (HistogramCell{.bin = bin, .scored = 5}));
}

TEST(ScoreHistogramTest, AChangeOfScoreInsideABinIsNotEmpty) {
  ScoreHistogram histogram;
  histogram.AddLabel(Score::FromClipped(.30), kFine, true);
  histogram.AddLabel(Score::FromClipped(.304), kFine, true, -1);
  EXPECT_FALSE(histogram.empty());
  EXPECT_NE(histogram, ScoreHistogram{});
}

}  // namespace
}  // namespace guardwatch
