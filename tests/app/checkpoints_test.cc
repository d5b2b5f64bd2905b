// When state is written.

#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "app/checkpointer.h"
#include "app/logging.h"
#include "app/monitor_thread.h"
#include "app/restore.h"
#include "config/config.h"
#include "ingest/shard.h"
#include "net/child_process.h"
#include "store/state_store.h"

namespace guardwatch {
namespace {

constexpr auto kDeadline = std::chrono::seconds(60);

constexpr std::string_view kConfig = R"(
sources: [{name: gateway, kafka: {brokers: ["127.0.0.1:1"], topics: [guardrail.events]}}]
)";

class CheckpointsTest : public testing::Test {
 protected:
  void SetUp() override {
    auto parsed =
        ParseConfig(kConfig, "test.yaml", [](const std::string&) { return std::nullopt; });
    ASSERT_TRUE(parsed.config);
    config_ = *std::move(parsed.config);
    auto store = StateStore::Open(folder_.File("state"));
    ASSERT_TRUE(store) << store.error().message;
    store_ = *std::move(store);
    checkpointer_ = std::make_unique<Checkpointer>(*store_, log_);
    auto start = StartFresh(config_);
    ASSERT_TRUE(start);
    shard_ = std::make_unique<Shard>(config_.sources[0].ingest, 0, 0, CarriedKinds{}, start->seed);
    start->monitor->ExpectShard(0, 0);
    MonitorThread::Options options;
    options.checkpointer = checkpointer_.get();
    options.preamble = Preamble(config_, start->seed);
    options.sources = {"gateway"};
    options.checkpoint_interval = std::chrono::hours(1);
    options.on_durable = [this](const auto&) {
      std::call_once(once_, [this] { written_.set_value(); });  // The end writes another.
    };
    monitor_ = std::make_unique<MonitorThread>(std::move(start->monitor), std::move(options));
  }

  // What the shard has to tell, and so many bytes of state besides.
  void Push(std::size_t bytes) {
    ShardBatch batch = shard_->Flush();
    batch.state.Put("a record", std::string(bytes, 'x'));
    ASSERT_TRUE(monitor_->Push(std::move(batch)));
  }

  TemporaryDirectory folder_;
  Config config_;
  Logger log_{{}};
  std::unique_ptr<StateStore> store_;
  std::unique_ptr<Checkpointer> checkpointer_;
  std::unique_ptr<Shard> shard_;
  std::promise<void> written_;
  std::once_flag once_;
  std::unique_ptr<MonitorThread> monitor_;  // The first to go.
};

TEST_F(CheckpointsTest, WhatHasComeTogetherIsWrittenBeforeItsTimeIfItIsMuch) {
  constexpr std::size_t kMiB = std::size_t{1} << 20;
  std::future<void> written = written_.get_future();
  Push(5 * kMiB);
  Push(5 * kMiB);
  while (monitor_->queue_depth() > 0) std::this_thread::yield();
  EXPECT_EQ(checkpointer_->status().written, 0);
  Push(5 * kMiB);
  ASSERT_EQ(written.wait_for(kDeadline), std::future_status::ready);
  EXPECT_GT(checkpointer_->status().last_bytes, std::int64_t{15 * kMiB});
}

}  // namespace
}  // namespace guardwatch
