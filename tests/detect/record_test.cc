#include "detect/record.h"

#include <gtest/gtest.h>

#include "detect/cohort_watch.h"
#include "detect/factor_detector.h"
#include "detect/stream_watch.h"
#include "detect/two_sample.h"
#include "simulate_random.h"

namespace guardwatch {
namespace {

constexpr std::uint64_t kSeed = 23;

BaselineOptions Quick(SlotScheme slots = SlotScheme::kConstant) {
  BaselineOptions options;
  options.slots = slots;
  options.fewest_panes = 300;
  options.fewest_cycles = 1;
  return options;
}

template <class T>
std::string Saved(const T& value) {
  ByteWriter out;
  value.Save(out);
  return out.Take();
}

// Saved and loaded after each of a few numbers of panes, the copy goes on with the same bits.
class StreamWatchRecordTest : public testing::TestWithParam<std::pair<SlotScheme, PaneIndex>> {};

TEST_P(StreamWatchRecordTest, GoesOnAsIfNothingHadHappened) {
  const auto [slots, stop] = GetParam();
  Random random(kSeed);
  StreamWatch whole(Quick(slots), 1e5);
  for (PaneIndex pane = 0; pane < stop; ++pane) whole.Step(pane, {300, random.Binomial(300, .05)});
  StreamWatch loaded(Quick(slots), 1e5);
  const std::string record = Saved(whole);
  ByteReader in(record);
  ASSERT_TRUE(loaded.Load(in));
  EXPECT_TRUE(in.done());
  EXPECT_EQ(loaded.Missing(), whole.Missing());
  EXPECT_EQ(Saved(loaded), record);
  for (PaneIndex pane = stop; pane < stop + 9000; ++pane) {
    const Count count{300, random.Binomial(300, pane % 8640 < 8600 ? .05 : .12)};
    const auto a = whole.Step(pane, count);
    const auto b = loaded.Step(pane, count);
    ASSERT_EQ(a.has_value(), b.has_value()) << "seed " << kSeed;
  }
  EXPECT_EQ(Saved(loaded), Saved(whole)) << "seed " << kSeed;
  EXPECT_NE(whole.state(), WatchState::kLearning);
}

INSTANTIATE_TEST_SUITE_P(Stops, StreamWatchRecordTest,
                         testing::Values(std::pair{SlotScheme::kConstant, 0},
                                         std::pair{SlotScheme::kConstant, 155},
                                         std::pair{SlotScheme::kConstant, 1000},
                                         std::pair{SlotScheme::kHourOfDay, 500},
                                         std::pair{SlotScheme::kHourOfDay, 9100}));

TEST(StreamWatchRecordTest, RefusesDamageAndOtherOptions) {
  Random random(kSeed);
  StreamWatch watch(Quick(), 1e5);
  for (PaneIndex pane = 0; pane < 400; ++pane) watch.Step(pane, {300, random.Binomial(300, .05)});
  const std::string record = Saved(watch);
  for (std::size_t size = 0; size < record.size(); ++size) {
    ByteReader in(std::string_view(record).substr(0, size));
    StreamWatch loaded(Quick(), 1e5);
    EXPECT_FALSE(loaded.Load(in)) << size;
  }
  ByteReader slots(record);
  EXPECT_FALSE(StreamWatch(Quick(SlotScheme::kHourOfDay), 1e5).Load(slots));
  ByteReader direction(record);
  EXPECT_FALSE(StreamWatch(Quick(), 1e5, Direction::kUp).Load(direction));
}

TEST(StreamWatchRecordTest, ALowerBudgetSinceThenHoldsAtOnce) {
  Random random(kSeed);
  StreamWatch watch(Quick(), 1e5);
  for (PaneIndex pane = 0; pane < 400; ++pane) watch.Step(pane, {300, random.Binomial(300, .05)});
  const std::string record = Saved(watch);
  StreamWatch stricter(Quick(), 2e5);
  ByteReader in(record);
  ASSERT_TRUE(stricter.Load(in));
  EXPECT_EQ(stricter.detector()->threshold(), 2e5);
}

TEST(CohortWatchRecordTest, GoesOnAsIfNothingHadHappened) {
  Random random(kSeed);
  const auto pane_of = [&](PaneIndex pane) {
    std::vector<CohortCount> counts;
    for (const char* name : {"de", "en", "fr"}) {
      // French comes late, so it is still held against the rest when the record is written.
      if (*name == 'f' && pane < 200) continue;
      counts.push_back({name, {100, random.Binomial(100, .05)}});
    }
    return counts;
  };
  CohortWatch whole({}, 1e4);
  PaneIndex pane = 0;
  for (; pane < 300; ++pane) whole.Step(pane, pane_of(pane));
  const std::string record = Saved(whole);
  CohortWatch loaded({}, 1e4);
  ByteReader in(record);
  ASSERT_TRUE(loaded.Load(in));
  EXPECT_TRUE(in.done());
  EXPECT_EQ(loaded.armed(), 3u);
  for (; pane < 600; ++pane) {
    const auto counts = pane_of(pane);
    whole.Step(pane, counts);
    loaded.Step(pane, counts);
  }
  EXPECT_EQ(whole.armed(), 3u);
  EXPECT_EQ(Saved(loaded), Saved(whole)) << "seed " << kSeed;
  for (std::size_t size = 0; size < record.size(); size += 7) {
    ByteReader damaged(std::string_view(record).substr(0, size));
    EXPECT_FALSE(CohortWatch({}, 1e4).Load(damaged)) << size;
  }
}

TEST(FactorDetectorRecordTest, GoesOnAsIfNothingHadHappened) {
  const double log_factors[] = {.2, -.1, .3};
  FactorDetector whole(3, 1e6);
  for (PaneIndex pane = 0; pane < 9; ++pane) whole.Step(pane, log_factors);
  const std::string record = Saved(whole);
  FactorDetector loaded(3, 1e6);
  ByteReader in(record);
  ASSERT_TRUE(loaded.Load(in));
  EXPECT_EQ(loaded.state(), whole.state());
  EXPECT_EQ(Saved(loaded), record);
  ByteReader other(record);
  EXPECT_FALSE(FactorDetector(4, 1e6).Load(other));
}

TEST(TwoSampleRecordTest, GoesOnAsIfNothingHadHappened) {
  TwoSampleDetector whole(1e6);
  for (PaneIndex pane = 0; pane < 50; ++pane) whole.Step(pane, {100, pane % 9}, {900, 20});
  const std::string record = Saved(whole);
  TwoSampleDetector loaded(1e6);
  ByteReader in(record);
  ASSERT_TRUE(loaded.Load(in));
  EXPECT_EQ(loaded.state(), whole.state());
  ByteReader damaged(std::string_view(record).substr(0, record.size() - 1));
  EXPECT_FALSE(TwoSampleDetector(1e6).Load(damaged));
}

}  // namespace
}  // namespace guardwatch
