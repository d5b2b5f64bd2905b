#include "detect/two_sample.h"

#include <cmath>

#include <gtest/gtest.h>

#include "detect/calibration_factor.h"
#include "detect/factor_detector.h"
#include "simulate_random.h"

namespace guardwatch {
namespace {

constexpr std::uint64_t kSeed = 17;

TEST(TwoSampleTest, FindsTheGroupThatIsHigher) {
  Random random(kSeed);
  TwoSampleDetector detector(518'400);
  std::optional<DriftAlarm> alarm;
  PaneIndex pane = 0;
  for (; !alarm && pane < 2000; ++pane) {
    alarm =
        detector.Step(pane, {100, random.Binomial(100, .04)}, {1000, random.Binomial(1000, .02)});
  }
  ASSERT_TRUE(alarm) << "seed " << kSeed;
  EXPECT_EQ(alarm->direction, Direction::kUp);
  EXPECT_LT(pane, 200) << "seed " << kSeed;
}

TEST(TwoSampleTest, ADriftOfBothIsNoDifference) {
  Random random(kSeed);
  TwoSampleDetector detector(1000);
  for (PaneIndex pane = 0; pane < 5000; ++pane) {
    const double rate = .02 + .06 * double(pane) / 5000;
    ASSERT_EQ(
        detector.Step(pane, {100, random.Binomial(100, rate)}, {1000, random.Binomial(1000, rate)}),
        std::nullopt)
        << "seed " << kSeed;
  }
  EXPECT_LT(detector.evidence(), 1000);
}

TEST(TwoSampleTest, WaitsForBothGroups) {
  TwoSampleDetector detector(1000);
  for (PaneIndex pane = 0; pane < 1000; ++pane) detector.Step(pane, {}, {1000, 500});
  EXPECT_EQ(detector.state().evidence.steps, 0);
  EXPECT_EQ(detector.state().blocks_b.blocks, 0);
}

TEST(TwoSampleTest, ReplayGivesTheSameBits) {
  TwoSampleDetector first(1e9);
  for (PaneIndex pane = 0; pane < 50; ++pane) first.Step(pane, {100, pane % 9}, {900, 20});
  TwoSampleDetector second(1e9);
  second.Restore(first.state());
  for (PaneIndex pane = 50; pane < 99; ++pane) {
    first.Step(pane, {100, pane % 9}, {900, 20});
    second.Step(pane, {100, pane % 9}, {900, 20});
  }
  EXPECT_EQ(first.state(), second.state());
}

TEST(FactorDetectorTest, SeesALossThatRises) {
  FactorDetector detector(static_cast<int>(std::size(kBets)), 17'280);
  std::optional<DriftAlarm> alarm;
  PaneIndex pane = 0;
  for (; !alarm && pane < 200; ++pane) {
    // Mean .40 at first, then .55.
    const WeightedValue losses[] = {{.1, pane < 100 ? 70 : 55}, {1.1, pane < 100 ? 30 : 45}};
    std::array<double, std::size(kBets)> log_factors{};
    for (std::size_t k = 0; k < log_factors.size(); ++k) {
      log_factors[k] = LogLossFactor(losses, .41, .1, kBets[k]);
    }
    alarm = detector.Step(pane, log_factors);
  }
  ASSERT_TRUE(alarm);
  EXPECT_GT(alarm->pane, 100);
  EXPECT_EQ(alarm->change_pane, 99);
}

TEST(FactorDetectorTest, SaysWhichWayTheCalibrationMoved) {
  const CalibrationLimits limits[] = {MakeCalibrationLimits({10'000, 500}),
                                      MakeCalibrationLimits({10'000, 5'000}),
                                      MakeCalibrationLimits({10'000, 9'000})};
  FactorDetector detector(static_cast<int>(kCalibrationChanges.size()), 1e12);
  for (PaneIndex pane = 0; pane < 30; ++pane) {
    // Every bin's odds are e^0.5 times those of the reference.
    const Count counts[] = {{1000, 80}, {1000, 622}, {1000, 937}};
    std::array<double, kCalibrationChanges.size()> log_factors{};
    for (std::size_t k = 0; k < log_factors.size(); ++k) {
      log_factors[k] = LogCalibrationFactor(limits, counts, kCalibrationChanges[k]);
    }
    if (detector.Step(pane, log_factors)) break;
    EXPECT_EQ(kCalibrationChanges[static_cast<std::size_t>(detector.leading())].shift, .5);
  }
}

}  // namespace
}  // namespace guardwatch
