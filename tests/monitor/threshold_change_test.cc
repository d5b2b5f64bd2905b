// What a moved threshold changes on the same requests.

#include "monitor/threshold_change.h"

#include <random>

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

constexpr std::uint64_t kSeed = 20261127;
constexpr PaneIndex kDay = 8640;
const Score kOld = Score::FromClipped(.8);
const Score kLower = Score::FromClipped(.7);

// 50 requests, of which every fifth scores above .9 and a part of `between` of all from .72 to .78.
Aggregate Pane(std::mt19937_64& random, double between, double threshold) {
  std::uniform_real_distribution<double> uniform;
  Aggregate a;
  for (int i = 0; i < 50; ++i) {
    const double kind = uniform(random);
    const double p = kind < .2             ? .9 + .09 * uniform(random)
                     : kind < .2 + between ? .72 + .06 * uniform(random)
                                           : .6 * uniform(random);
    ++a.scored;
    ++a.decided;
    a.flagged += p >= threshold ? 1 : 0;
    a.histogram.AddScore(score_grid::BinOf(Score::FromClipped(p), score_grid::kFine));
  }
  return a;
}

std::optional<DriftAlarm> AlarmOf(ThresholdChange& change, std::mt19937_64& random, double between,
                                  double threshold, int panes) {
  for (PaneIndex pane = 0; pane < panes; ++pane) {
    if (const auto alarm = change.Step(pane, Pane(random, between, threshold), 1)) return alarm;
  }
  return std::nullopt;
}

TEST(ThresholdChangeTest, FindsThatASixthMoreIsFlagged) {
  std::mt19937_64 random(kSeed);
  ThresholdChange change(1e4);
  change.Start(0, kOld, kLower, 1);
  const auto alarm = AlarmOf(change, random, .032, .7, 1000);
  ASSERT_TRUE(alarm) << "seed " << kSeed;
  EXPECT_EQ(alarm->direction, Direction::kUp);
  EXPECT_EQ(alarm->change_pane, -1);
  EXPECT_NEAR(change.RateBefore(), .2, .02);
}

TEST(ThresholdChangeTest, FindsThatLessIsFlagged) {
  std::mt19937_64 random(kSeed);
  ThresholdChange change(1e4);
  change.Start(0, kLower, kOld, 1);
  const auto alarm = AlarmOf(change, random, .04, .8, 1000);
  ASSERT_TRUE(alarm) << "seed " << kSeed;
  EXPECT_EQ(alarm->direction, Direction::kDown);
}

// Ville: after at most one in a hundred changes within the tolerance.
TEST(ThresholdChangeTest, ToleratesWhatChangesFewDecisions) {
  std::mt19937_64 random(kSeed);
  int alarms = 0;
  for (int trial = 0; trial < 200; ++trial) {
    ThresholdChange change(100);
    change.Start(0, kOld, kLower, 1);
    alarms += AlarmOf(change, random, .2 * .09 / .91, .7, 200) ? 1 : 0;
  }
  EXPECT_LE(alarms, 2) << "seed " << kSeed;
}

TEST(ThresholdChangeTest, AThresholdThatIsSentButNotObeyedChangesNothing) {
  std::mt19937_64 random(kSeed);
  ThresholdChange change(1e4);
  change.Start(0, kOld, kLower, 1);
  EXPECT_FALSE(AlarmOf(change, random, .1, .8, 1000)) << "seed " << kSeed;
}

TEST(ThresholdChangeTest, IsLookedAtOnceADayAndNotBefore) {
  std::mt19937_64 random(kSeed);
  ThresholdChange change(1e3);
  EXPECT_FALSE(AlarmOf(change, random, .2, .7, 1000));
  change.Start(0, kOld, kLower, 1);
  EXPECT_TRUE(AlarmOf(change, random, .2, .7, 1000));
  change.Start(kDay - 1, kLower, kOld, 1);
  EXPECT_FALSE(AlarmOf(change, random, .2, .8, 1000));
  change.Start(kDay, kLower, kOld, 1);
  EXPECT_TRUE(AlarmOf(change, random, .2, .8, 1000));
}

TEST(ThresholdChangeTest, GoesOnFromARecordAsIfNothingHadHappened) {
  std::mt19937_64 random(kSeed);
  ThresholdChange change(1e9);
  change.Start(0, kOld, kLower, 1);
  AlarmOf(change, random, .04, .7, 100);
  ByteWriter record;
  change.Save(record);
  ThresholdChange restored(1e9);
  ByteReader in(record.bytes());
  ASSERT_TRUE(restored.Load(in));
  EXPECT_EQ(restored.evidence(), change.evidence());
  const Aggregate pane = Pane(random, .04, .7);
  change.Step(100, pane, 1);
  restored.Step(100, pane, 1);
  EXPECT_EQ(restored.evidence(), change.evidence());
  EXPECT_EQ(restored.RateBefore(), change.RateBefore());
}

}  // namespace
}  // namespace guardwatch
