// Where the events of a stretch of event time stand in a log.

#include "monitor/log_offsets.h"

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const EventTime kStart = PaneStart(3'000'000, LogPassage::kGrid);

// One record a second, read in changes of `step` records, as a shard tells of them.
LogOffsets ReadFor(Duration length, std::int64_t step) {
  LogOffsets offsets;
  const std::int64_t records = length / seconds(1);
  for (std::int64_t from = 0; from < records; from += step) {
    LogChange change;
    change.from = from;
    change.to = std::min(from + step, records);
    for (std::int64_t i = from; i < change.to; ++i) {
      if (i % 600 == 0) {
        change.passages.push_back({PaneOf(kStart + seconds(i), LogPassage::kGrid), i});
      }
    }
    offsets.Note(change);
  }
  return offsets;
}

TEST(LogOffsetsTest, HoldWhateverMayBeOfThatTimeAndDoNotDependOnHowItWasRead) {
  for (const std::int64_t step : {1, 7, 100, 5000}) {
    const LogOffsets offsets = ReadFor(minutes(100), step);
    const auto range = offsets.Range(kStart + minutes(30), kStart + minutes(50), minutes(1));
    // Events of that time have offsets 1800 to 2999, those that come late up to 3059; the next
    // passage after that is at 3600.
    EXPECT_EQ(range, (LogOffsets::Offsets{1800, 3600})) << step;
  }
}

TEST(LogOffsetsTest, EndWithWhatHasBeenRead) {
  const LogOffsets offsets = ReadFor(minutes(15), 60);
  const auto range = offsets.Range(kStart, kStart + minutes(40), minutes(1));
  EXPECT_EQ(range, (LogOffsets::Offsets{0, 900}));
}

TEST(LogOffsetsTest, KnowNothingOfALogWithoutEvents) {
  EXPECT_FALSE(LogOffsets().Range(kStart, kStart + minutes(1), minutes(1)));
}

TEST(LogOffsetsTest, AreBoundedInNumberAndForgetTheOldest) {
  LogOffsets offsets;
  for (std::int64_t i = 0; i < 9500; ++i) {
    LogChange change;
    change.from = i;
    change.to = i + 1;
    change.passages.push_back({i, i});
    offsets.Note(change);
  }
  EXPECT_EQ(offsets.passages().size(), 9000u);
  const LogOffsets::Changes changes = offsets.TakeChanges();
  EXPECT_EQ(changes.entered.size(), 9500u);
  EXPECT_EQ(changes.forgotten.size(), 500u);
  EXPECT_TRUE(offsets.TakeChanges().entered.empty());
}

}  // namespace
}  // namespace guardwatch
