// Whether positives stay as frequent in each score bin as they were.

#include "detect/calibration_watch.h"

#include <gtest/gtest.h>

#include "simulate_random.h"

namespace guardwatch {
namespace {

constexpr std::uint64_t kSeed = 20261126;
constexpr double kThreshold = 1e5;

BaselineOptions Learning() {
  BaselineOptions options;
  options.pane_width = std::chrono::minutes(10);
  options.fewest_panes = 100;
  return options;
}

// 30 labels in each of three bins, positive as often as `change` makes it of .1, .5 and .9. Labels
// come in bursts of one outcome.
BinCounts Labels(Random& random, CalibrationChange change = {}, std::int64_t burst = 1) {
  BinCounts counts{};
  for (int i = 0; i < 3; ++i) {
    const double rate = ChangedRate(.1 + .4 * i, change);
    counts[static_cast<std::size_t>(2 + 5 * i)] = {30 * burst, burst * random.Binomial(30, rate)};
  }
  return counts;
}

void Learn(CalibrationWatch& watch, Random& random, std::int64_t burst = 1) {
  for (PaneIndex pane = 0; pane < 101; ++pane) watch.Step(pane, Labels(random, {}, burst));
  ASSERT_TRUE(watch.baseline());
}

TEST(CalibrationWatchTest, FindsScoresThatHaveBecomeTooExtreme) {
  Random random(kSeed);
  CalibrationWatch watch(Learning(), kThreshold);
  Learn(watch, random);
  EXPECT_EQ(watch.state(), WatchState::kArmed);
  PaneIndex pane = 101;
  for (; pane < 1000; ++pane) {
    ASSERT_EQ(watch.Step(pane, Labels(random)), std::nullopt) << "seed " << kSeed;
  }
  std::optional<DriftAlarm> alarm;
  for (; !alarm && pane < 1100; ++pane) alarm = watch.Step(pane, Labels(random, {0, .6}));
  ASSERT_TRUE(alarm) << "seed " << kSeed;
  EXPECT_EQ(kCalibrationChanges[static_cast<std::size_t>(alarm->component)].slope, .7);
}

TEST(CalibrationWatchTest, LabelsInBurstsCountForLess) {
  Random random(kSeed);
  CalibrationWatch alone(Learning(), kThreshold);
  CalibrationWatch bursts(Learning(), kThreshold);
  Learn(alone, random);
  Learn(bursts, random, 4);
  EXPECT_NEAR(alone.baseline()->dispersion, 1, .2) << "seed " << kSeed;
  EXPECT_NEAR(bursts.baseline()->dispersion, 4, .8) << "seed " << kSeed;
  EXPECT_EQ(bursts.baseline()->tempering, 1.25 * bursts.baseline()->dispersion);
  for (PaneIndex pane = 101; pane < 5000; ++pane) {
    ASSERT_EQ(bursts.Step(pane, Labels(random, {}, 4)), std::nullopt) << "seed " << kSeed;
  }
}

TEST(CalibrationWatchTest, SilenceSaysSomethingOnlyAfterEnoughLabels) {
  Random random(kSeed);
  CalibrationWatch watch(Learning(), kThreshold);
  EXPECT_FALSE(watch.WouldHaveSeen(Labels(random)));  // Nothing is known yet.
  Learn(watch, random);
  const BinCounts few = Labels(random);
  EXPECT_FALSE(watch.WouldHaveSeen(few));
  BinCounts many = few;
  for (Count& bin : many) bin = {bin.n * 1000, bin.s * 1000};
  EXPECT_TRUE(watch.WouldHaveSeen(many));
  // Labels of one bin do not say what the others would.
  BinCounts middle{};
  middle[7] = many[7];
  EXPECT_FALSE(watch.WouldHaveSeen(middle));
}

TEST(CalibrationWatchTest, GoesOnFromARecordAsIfNothingHadHappened) {
  Random random(kSeed);
  for (const PaneIndex stop : {50, 150}) {
    CalibrationWatch whole(Learning(), kThreshold);
    PaneIndex pane = 0;
    for (; pane < stop; ++pane) whole.Step(pane, Labels(random));
    ByteWriter out;
    whole.Save(out);
    CalibrationWatch loaded(Learning(), kThreshold);
    ByteReader in(out.bytes());
    ASSERT_TRUE(loaded.Load(in));
    EXPECT_TRUE(in.done());
    for (; pane < stop + 100; ++pane) {
      const BinCounts counts = Labels(random, {.2, 1});
      whole.Step(pane, counts);
      loaded.Step(pane, counts);
    }
    EXPECT_EQ(loaded.evidence(), whole.evidence()) << "seed " << kSeed;
    EXPECT_EQ(loaded.baseline(), whole.baseline());
  }
}

TEST(CalibrationWatchTest, AThresholdThatRisesHoldsAtOnce) {
  Random random(kSeed);
  CalibrationWatch watch(Learning(), kThreshold);
  Learn(watch, random);
  watch.SetThreshold(2 * kThreshold);
  EXPECT_EQ(watch.threshold(), 2 * kThreshold);
  // A lower one from the next alarm on.
  watch.SetThreshold(kThreshold);
  EXPECT_EQ(watch.threshold(), 2 * kThreshold);
}

}  // namespace
}  // namespace guardwatch
