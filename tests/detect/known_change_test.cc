// Whether a rate is another one since a moment that is known.

#include "detect/known_change.h"

#include <gtest/gtest.h>

#include "simulate_random.h"

namespace guardwatch {
namespace {

constexpr std::uint64_t kSeed = 20261126;
constexpr PaneIndex kDay = 8640;

Baseline Usual() {
  BaselineLearner learner;
  Random random(kSeed);
  for (PaneIndex pane = 0; pane < 12'000; ++pane)
    learner.Add(pane, {100, random.Binomial(100, .1)});
  return learner.Learn();
}

TEST(KnownChangeTest, FindsWhatIsInsideTheToleranceOfTheBaseline) {
  const Baseline usual = Usual();
  ASSERT_GE(usual.null.front().high, .109);
  Random random(kSeed);
  KnownChange change(1000);
  ASSERT_TRUE(change.Start(20'000, usual));
  std::optional<DriftAlarm> alarm;
  PaneIndex pane = 20'000;
  for (; !alarm && pane < 22'000; ++pane) {
    alarm = change.Step(pane, {100, random.Binomial(100, .108)}, usual);
  }
  ASSERT_TRUE(alarm) << "seed " << kSeed;
  EXPECT_EQ(alarm->direction, Direction::kUp);
  EXPECT_EQ(alarm->change_pane, 19'999);
  // One alarm per change.
  for (; pane < 24'000; ++pane) {
    EXPECT_EQ(change.Step(pane, {100, random.Binomial(100, .2)}, usual), std::nullopt);
  }
}

// Ville: at most one in a hundred changes after which nothing is different.
TEST(KnownChangeTest, AChangeThatChangesNothingIsSeldomAnAlarm) {
  const Baseline usual = Usual();
  Random random(kSeed);
  int alarms = 0;
  for (int trial = 0; trial < 300; ++trial) {
    KnownChange change(100);
    change.Start(0, usual);
    for (PaneIndex pane = 0; pane < 500; ++pane) {
      if (change.Step(pane, {100, random.Binomial(100, usual.rate)}, usual)) ++alarms;
    }
  }
  EXPECT_LE(alarms, 3) << "seed " << kSeed;
}

TEST(KnownChangeTest, StartsAtMostOnceADay) {
  const Baseline usual = Usual();
  KnownChange change(1000);
  EXPECT_TRUE(change.Start(0, usual));
  EXPECT_FALSE(change.Start(kDay - 1, usual));
  EXPECT_TRUE(change.Start(kDay, usual));
}

TEST(KnownChangeTest, EndsAfterAWeek) {
  const Baseline usual = Usual();
  KnownChange change(1e9);
  ASSERT_TRUE(change.Start(0, usual));
  for (PaneIndex pane = 0; pane < 100; ++pane) change.Step(pane, {100, 11}, usual);
  EXPECT_GT(change.evidence(), 0);
  for (PaneIndex pane = 7 * kDay; pane < 7 * kDay + 500; ++pane) {
    EXPECT_EQ(change.Step(pane, {100, 90}, usual), std::nullopt);
  }
  EXPECT_EQ(change.evidence(), 0);
  EXPECT_TRUE(change.Start(8 * kDay, usual));
}

TEST(KnownChangeTest, TestsNothingBeforeTheFirstChange) {
  const Baseline usual = Usual();
  KnownChange change(2);
  for (PaneIndex pane = 0; pane < 100; ++pane) {
    EXPECT_EQ(change.Step(pane, {100, 90}, usual), std::nullopt);
  }
  EXPECT_EQ(change.evidence(), 0);
}

TEST(KnownChangeTest, GoesOnFromARecordAsIfNothingHadHappened) {
  const Baseline usual = Usual();
  Random random(kSeed);
  KnownChange whole(1e9);
  whole.Start(0, usual);
  for (PaneIndex pane = 0; pane < 50; ++pane) {
    whole.Step(pane, {100, random.Binomial(100, .11)}, usual);
  }
  ByteWriter out;
  whole.Save(out);
  KnownChange loaded(1e9);
  ByteReader in(out.bytes());
  ASSERT_TRUE(loaded.Load(in));
  EXPECT_TRUE(in.done());
  for (PaneIndex pane = 50; pane < 99; ++pane) {
    const Count count{100, random.Binomial(100, .11)};
    whole.Step(pane, count, usual);
    loaded.Step(pane, count, usual);
  }
  EXPECT_EQ(loaded.evidence(), whole.evidence()) << "seed " << kSeed;
  for (std::size_t size = 0; size < out.bytes().size(); ++size) {
    ByteReader damaged(std::string_view(out.bytes()).substr(0, size));
    EXPECT_FALSE(KnownChange(1e9).Load(damaged)) << size;
  }
}

}  // namespace
}  // namespace guardwatch
