// Labels that say with what probability they were asked for count a second time, weighted.

#include <gtest/gtest.h>

#include "support/source_run.h"
#include "window/statistics.h"

namespace guardwatch {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr std::size_t kLabels = 0;
constexpr std::size_t kScores = 1;

SourceRun Apart() {
  return SourceRun({}, {{"labels", kOnlyLabels, 1}, {"scores", kOnlyScores, 1}});
}

EventBuilder Reviewed(std::string request, bool positive, double probability, Duration after) {
  return EventBuilder::Labeled(std::move(request), positive)
      .At(kNoon + after)
      .SampleProbability(probability);
}

double Weight(const WeightSum& sum) { return double(sum.weight) / 0x1p24; }

TEST(ReviewWeightsTest, ALabelStandsForTheRequestsItWasDrawnFrom) {
  SourceRun run = Apart();
  run.Read(kScores, EventBuilder::Scored("a", 0.9).Threshold(0.5));
  run.Read(kScores, EventBuilder::Scored("b", 0.1).Threshold(0.5));
  run.Read(kScores, EventBuilder::Scored("c", 0.1).Threshold(0.5));
  run.Read(kLabels, Reviewed("a", true, 0.5, seconds(1)));
  run.Read(kLabels, Reviewed("b", true, 0.125, seconds(2)));
  run.Read(kLabels, EventBuilder::Labeled("c", true).At(kNoon + seconds(3)));  // Not known.
  const Aggregate total = run.Total();
  ASSERT_NE(total.weighted.sums(), nullptr);
  EXPECT_EQ(Weight(total.weighted.sums()->true_positive), 2);
  EXPECT_EQ(Weight(total.weighted.sums()->false_negative), 8);
  EXPECT_DOUBLE_EQ(*FindStatistic("recall")->compute(total).value, 1.0 / 3.0);
  EXPECT_DOUBLE_EQ(*FindStatistic("weighted_recall")->compute(total).value, 0.2);
}

TEST(ReviewWeightsTest, ACorrectionTakesTheOldWeightBack) {
  SourceRun run = Apart();
  run.Read(kScores, EventBuilder::Scored("a", 0.9).Threshold(0.5));
  run.Read(kLabels, Reviewed("a", true, 0.5, seconds(1)));
  run.Read(kLabels, Reviewed("a", false, 0.25, seconds(2)));
  const Aggregate total = run.Total();
  EXPECT_EQ(total.weighted.sums()->true_positive, WeightSum{});
  EXPECT_EQ(Weight(total.weighted.sums()->false_positive), 4);
  EXPECT_EQ(Weight(total.weighted.sums()->negative), 4);
}

TEST(ReviewWeightsTest, WithoutProbabilitiesThereIsNothing) {
  SourceRun run = Apart();
  run.Read(kScores, EventBuilder::Scored("a", 0.9).Threshold(0.5));
  run.Read(kLabels, EventBuilder::Labeled("a", true).At(kNoon + hours(1)));
  EXPECT_EQ(run.Total().weighted.sums(), nullptr);
}

}  // namespace
}  // namespace guardwatch
