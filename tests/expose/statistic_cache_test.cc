#include "expose/statistic_cache.h"

#include <gtest/gtest.h>

#include "example.h"

namespace guardwatch {
namespace {

TEST(StatisticCache, HasTheHeadlineStatisticsOfEveryWindow) {
  StatisticCache cache;
  for (const auto& view : ExampleSnapshot().series) {
    const StatisticCache::Rows& rows = cache.Headlines(view);
    ASSERT_EQ(rows.size(), view->windows.size());
    for (std::size_t w = 0; w < rows.size(); ++w) {
      for (std::size_t s = 0; s < Statistics().size(); ++s) {
        const Statistic& statistic = Statistics()[s];
        if (!statistic.headline) continue;
        EXPECT_EQ(rows[w][s].value, statistic.compute(view->windows[w].total).value)
            << statistic.name;
      }
    }
  }
}

TEST(StatisticCache, ComputesNothingForASecondReaderOfTheSameView) {
  StatisticCache cache;
  const Snapshot snapshot = ExampleSnapshot();
  const StatisticCache::Rows* first = &cache.Headlines(snapshot.series[0]);
  cache.EndReading();
  EXPECT_EQ(&cache.Headlines(snapshot.series[0]), first);
}

TEST(StatisticCache, LetsGoOfViewsThatNobodyAsksForAnyMore) {
  StatisticCache cache;
  std::weak_ptr<const SeriesView> past;
  {
    const Snapshot snapshot = ExampleSnapshot();
    past = snapshot.series[0];
    cache.Headlines(snapshot.series[0]);
    cache.EndReading();
  }
  EXPECT_FALSE(past.expired());
  cache.EndReading();
  EXPECT_TRUE(past.expired());
}

}  // namespace
}  // namespace guardwatch
