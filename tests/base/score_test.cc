#include "base/score.h"

#include <array>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(ScoreTest, RoundsTiesBetweenQuantaToEven) {
  for (const std::uint32_t k : {0u, 1u, 2u, 3u, 1000u, 1001u, kScoreOne - 2, kScoreOne - 1}) {
    const double tie = (double(k) + 0.5) / double{kScoreOne};
    const std::uint32_t even = k % 2 == 0 ? k : k + 1;
    EXPECT_EQ(Score::FromProbability(tie).value().q, even) << k;
    EXPECT_EQ(Score::FromProbability(std::nextafter(tie, 0.0)).value().q, k) << k;
    EXPECT_EQ(Score::FromProbability(std::nextafter(tie, 1.0)).value().q, k + 1) << k;
  }
}

TEST(ScoreTest, ClampsWithinTheSlackAndRefusesBeyondIt) {
  EXPECT_EQ(Score::FromProbability(0.0).value().q, 0u);
  EXPECT_EQ(Score::FromProbability(1.0).value().q, kScoreOne);
  EXPECT_EQ(Score::FromProbability(-1e-9).value().q, 0u);
  EXPECT_EQ(Score::FromProbability(1.0 + 9.99e-10).value().q, kScoreOne);
  EXPECT_FALSE(Score::FromProbability(-1.001e-9));
  EXPECT_FALSE(Score::FromProbability(1.0 + 1.001e-9));
  EXPECT_FALSE(Score::FromProbability(kInfinity));
  EXPECT_FALSE(Score::FromProbability(-kInfinity));
  EXPECT_FALSE(Score::FromProbability(kNan));
}

TEST(ScoreTest, FromClippedTakesAnything) {
  EXPECT_EQ(Score::FromClipped(-3.0).q, 0u);
  EXPECT_EQ(Score::FromClipped(3.0).q, kScoreOne);
  EXPECT_EQ(Score::FromClipped(kNan).q, 0u);
  EXPECT_EQ(Score::FromClipped(0.5).q, kScoreOne / 2);
}

TEST(ScoreTest, LogitsGoThroughTheLogisticFunction) {
  EXPECT_EQ(ScoreFromLogit(0.0).value().q, kScoreOne / 2);
  EXPECT_EQ(ScoreFromLogit(std::log(3.0)).value().q, kScoreOne / 4 * 3);
  EXPECT_EQ(ScoreFromLogit(-std::log(3.0)).value().q, kScoreOne / 4);
  for (const double huge : {800.0, 20'000.0, kInfinity}) {
    EXPECT_EQ(ScoreFromLogit(huge).value().q, kScoreOne) << huge;
    EXPECT_EQ(ScoreFromLogit(-huge).value().q, 0u) << huge;
  }
  EXPECT_FALSE(ScoreFromLogit(kNan));
}

TEST(ThresholdTest, FlagsFromTheThresholdOn) {
  const Threshold threshold = Threshold::FromClipped(0.8);
  EXPECT_TRUE(Flags(threshold, Score{threshold.q}));
  EXPECT_FALSE(Flags(threshold, Score{threshold.q - 1}));
}

TEST(ScoreBandTest, BothEdgesAreInside) {
  const ScoreBand band = ScoreBand::Around(0.5, 0.25);
  EXPECT_TRUE(band.Contains(Score{kScoreOne / 4}));
  EXPECT_TRUE(band.Contains(Score{kScoreOne / 4 * 3}));
  EXPECT_FALSE(band.Contains(Score{kScoreOne / 4 - 1}));
  EXPECT_FALSE(band.Contains(Score{kScoreOne / 4 * 3 + 1}));
}

TEST(ScoreBandTest, EdgesAreClippedToTheScale) {
  EXPECT_EQ(ScoreBand::Around(0.01, 0.05).low, 0u);
  EXPECT_EQ(ScoreBand::Around(0.99, 0.05).high, kScoreOne);
  EXPECT_TRUE(ScoreBand::Around(0.99, 0.05).Contains(Score{kScoreOne}));
}

TEST(LogLossTest, IsClippedAndRoundedTo24Bits) {
  EXPECT_EQ(LogLossQ24(Score{0}, true), 360'501'479);
  EXPECT_EQ(LogLossQ24(Score{0}, false), 0);
  EXPECT_EQ(LogLossQ24(Score{kScoreOne / 2}, true), 11'629'080);
  EXPECT_EQ(LogLossQ24(Score{kScoreOne / 2}, false), 11'629'080);
  EXPECT_EQ(LogLossQ24(Score{kScoreOne}, true), 0);
  EXPECT_EQ(LogLossQ24(Score{kScoreOne}, false), 360'501'479);
}

}  // namespace
}  // namespace guardwatch
