#include "window/pane.h"

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

constexpr EventTime At(std::int64_t micros) { return EventTimeFromMicros(micros); }

TEST(PaneTest, AnEdgeBelongsToTheLaterPane) {
  EXPECT_EQ(PaneOf(At(9'999'999)), 0);
  EXPECT_EQ(PaneOf(At(10'000'000)), 1);
  EXPECT_EQ(PaneEndOf(At(10'000'000)), At(20'000'000));
}

TEST(PaneTest, PanesBeforeTheEpochAreNumberedDownwards) {
  EXPECT_EQ(PaneOf(At(-1)), -1);
  EXPECT_EQ(PaneOf(At(-10'000'000)), -1);
  EXPECT_EQ(PaneOf(At(-10'000'001)), -2);
}

TEST(PaneTest, AligningKeepsWhatIsOnTheGrid) {
  const Duration minute = std::chrono::minutes(1);
  EXPECT_EQ(AlignUp(At(60'000'000), minute), At(60'000'000));
  EXPECT_EQ(AlignDown(At(60'000'000), minute), At(60'000'000));
  EXPECT_EQ(AlignUp(At(60'000'001), minute), At(120'000'000));
  EXPECT_EQ(AlignDown(At(119'999'999), minute), At(60'000'000));
  EXPECT_EQ(AlignDown(At(-1), minute), At(-60'000'000));
}

}  // namespace
}  // namespace guardwatch
