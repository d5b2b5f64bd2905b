#include "base/ahead.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

TEST(AheadTest, UsesEachThingOnceInOrderAndStepsLater) {
  std::vector<int> used;
  auto ahead = AheadOf<int>([&](int thing) { used.push_back(thing); });
  constexpr auto kSteps = static_cast<int>(decltype(ahead)::kSteps);
  for (const int things : {0, 1, kSteps - 1, kSteps, kSteps + 1, 5 * kSteps + 3}) {
    used.clear();
    for (int thing = 0; thing < things; ++thing) {
      ahead.Take(thing);
      EXPECT_EQ(std::ssize(used), std::max(0, thing + 1 - kSteps)) << "of " << things;
    }
    ahead.Finish();
    ASSERT_EQ(std::ssize(used), things);
    for (int thing = 0; thing < things; ++thing) {
      EXPECT_EQ(used[static_cast<std::size_t>(thing)], thing) << "of " << things;
    }
  }
}

}  // namespace
}  // namespace guardwatch
