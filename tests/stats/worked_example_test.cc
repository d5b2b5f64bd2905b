#include <cstddef>

#include <gtest/gtest.h>

#include "stats/proportion.h"
#include "stats/ranking.h"
#include "stats/reliability.h"
#include "stats/twelve_scores.h"

namespace guardwatch {
namespace {

using twelve_scores::kP;
using twelve_scores::kY;

TEST(WorkedExampleTest, RocAucHasDeLongsInterval) {
  const auto auc = RocAuc(twelve_scores::Histogram());
  ASSERT_TRUE(auc);
  EXPECT_DOUBLE_EQ(auc->value, 0.875);
  // DeLong's variance is 17/1440: the logit interval is ln 7 -+ 1.959964 * sqrt(17/1440) / (7/64).
  EXPECT_NEAR(auc->low.value(), 0.4997194, 5e-8);
  EXPECT_NEAR(auc->high.value(), 0.98002, 5e-6);
}

TEST(WorkedExampleTest, CalibrationErrorComesWithItsNoiseFloor) {
  ReliabilityBins bins;
  for (std::size_t i = 0; i < kP.size(); ++i) bins.Add(Score::FromClipped(kP[i]), kY[i]);
  const auto error = ExpectedCalibrationError(bins);
  ASSERT_TRUE(error);
  EXPECT_NEAR(error->ece, 0.21249999990686774, 1e-14);
  EXPECT_NEAR(error->noise_floor, 0.24512227676195297, 1e-14);
  EXPECT_NEAR(error->noise_sd, 0.06550507500623752, 1e-14);
  EXPECT_NEAR(error->signed_gap, -0.0675, 1e-9);
}

TEST(WilsonIntervalTest, GivesThePublishedValuesAndNothingForNoTrials) {
  EXPECT_NEAR(WilsonInterval(3, 10)->low, 0.107791, 5e-7);
  EXPECT_NEAR(WilsonInterval(3, 10)->high, 0.603222, 5e-7);
  EXPECT_EQ(WilsonInterval(0, 10)->low, 0.0);
  EXPECT_NEAR(WilsonInterval(0, 10)->high, 0.277533, 5e-7);
  EXPECT_FALSE(WilsonInterval(0, 0));
}

}  // namespace
}  // namespace guardwatch
