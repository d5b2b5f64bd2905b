// Where a shard stands in its logs: what a reader that went back must not make it count again.

#include <gtest/gtest.h>

#include "ingest/shard.h"
#include "support/event_builder.h"
#include "support/state_map.h"

namespace guardwatch {
namespace {

class PositionTest : public testing::Test {
 protected:
  static LogSpec Events() {
    LogSpec log;
    log.topic = "events";
    return log;
  }
  void Read(std::int64_t offset) {
    EventBuilder built = EventBuilder::Scored("r" + std::to_string(offset), 0.5);
    shard_.Take({log_, offset, {}, 1}, built.Build(), {});
  }
  void Reset(ResetReason reason, std::int64_t to) { shard_.Reset(log_, {reason, 0, to, {}}); }
  std::int64_t next() const { return shard_.PositionOf("events", 0)->next_offset; }
  std::int64_t scored() {
    std::int64_t scored = 0;
    for (const PaneDelta& delta : shard_.Flush().deltas) scored += delta.change.scored;
    return scored;
  }

  SourceOptions source_;
  Shard shard_{source_, 0, 0, {}, {}};
  LogIndex log_ = shard_.AddLog(Events(), {});
};

TEST_F(PositionTest, ARecordThatWasTakenBeforeIsIgnored) {
  for (std::int64_t offset = 0; offset < 10; ++offset) Read(offset);
  for (std::int64_t offset = 5; offset < 12; ++offset) Read(offset);
  EXPECT_EQ(next(), 12);
  EXPECT_EQ(scored(), 12);
}

TEST_F(PositionTest, RecordsThatWereDeletedBehindItDoNotMoveAShardBack) {
  // A reader that several shards share goes back to the one that has read least.
  for (std::int64_t offset = 0; offset < 10; ++offset) Read(offset);
  Reset(ResetReason::kRetention, 7);
  for (std::int64_t offset = 7; offset < 12; ++offset) Read(offset);
  EXPECT_EQ(next(), 12);
  EXPECT_EQ(scored(), 12);
}

TEST_F(PositionTest, RecordsThatWereDeletedAheadOfItArePassedOver) {
  for (std::int64_t offset = 0; offset < 10; ++offset) Read(offset);
  Reset(ResetReason::kRetention, 20);
  EXPECT_EQ(next(), 20);
  const ShardBatch batch = shard_.Flush();
  ASSERT_EQ(batch.logs[0].resets.size(), 1u);
  EXPECT_EQ(batch.logs[0].resets[0].from, 10);
  EXPECT_EQ(batch.logs[0].resets[0].to, 20);
}

TEST_F(PositionTest, AnotherLogOfTheSameNameIsReadFromItsBeginning) {
  for (std::int64_t offset = 0; offset < 10; ++offset) Read(offset);
  Reset(ResetReason::kRecreated, 0);
  EXPECT_EQ(next(), 0);
  EXPECT_FALSE(shard_.PositionOf("events", 0)->last_read) << "it was the other log's";
}

TEST_F(PositionTest, TheLastRecordReadGoesThroughACheckpoint) {
  source_.durable = true;
  Read(0);
  const RecordMark mark{0, kNoon, 42};
  LogHealth health;
  health.last_read = mark;
  shard_.Observe(log_, health, 1, {});
  Shard restored{source_, 0, 0, {}, {}};
  const ShardBatch batch = shard_.Flush();
  StateMap kept;
  kept.Commit(batch.state);
  for (const StateRecord& record : kept.Under()) ASSERT_TRUE(restored.Load(record)) << record.key;
  restored.Loaded();
  EXPECT_EQ(restored.PositionOf("events", 0)->next_offset, 1);
  EXPECT_EQ(restored.PositionOf("events", 0)->last_read, mark);
}

}  // namespace
}  // namespace guardwatch
