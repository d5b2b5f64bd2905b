#include "window/coarse.h"

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(CoarsePaneWidthTest, IsTenMinutesByDefault) {
  EXPECT_EQ(CoarsePaneWidth(hours(24), hours(24)), minutes(10));
}

TEST(CoarsePaneWidthTest, IsTheSmallestThatFitsIn1024Panes) {
  EXPECT_EQ(CoarsePaneWidth(seconds(10), seconds(0)), seconds(10));
  EXPECT_EQ(CoarsePaneWidth(seconds(10'230), seconds(10)), seconds(10));
  EXPECT_EQ(CoarsePaneWidth(seconds(10'230), seconds(10) + Duration(1)), minutes(1));
  EXPECT_EQ(CoarsePaneWidth(minutes(1024), seconds(0)), minutes(1));
  EXPECT_EQ(CoarsePaneWidth(minutes(10'240), Duration(1)), hours(1));
  EXPECT_EQ(CoarsePaneWidth(hours(1000), hours(24)), hours(1));
  EXPECT_EQ(CoarsePaneWidth(hours(1000), hours(25)), hours(24));
}

TEST(CoarsePaneWidthTest, IsADayForAnythingLonger) {
  EXPECT_EQ(CoarsePaneWidth(hours(24 * 2000), hours(24)), hours(24));
}

}  // namespace
}  // namespace guardwatch
