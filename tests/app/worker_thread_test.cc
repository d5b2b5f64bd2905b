// When what was read goes on to the monitor.

#include "app/worker_thread.h"

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "app/logging.h"
#include "app/monitor_thread.h"
#include "app/restore.h"
#include "codec/json_codec.h"
#include "config/config.h"
#include "ingest/guardrail_settings.h"
#include "net/clock.h"

namespace guardwatch {
namespace {

constexpr auto kDeadline = std::chrono::seconds(60);
constexpr std::int64_t kHeld = 250'000;

constexpr std::string_view kConfig = R"(
sources: [{name: gateway, kafka: {brokers: ["127.0.0.1:1"], topics: [guardrail.events]}}]
)";

// A log with many records, all the same, which come as fast as they are asked for.
class LongLog final : public EventSource {
 public:
  LongLog() {
    status_[0].next_offset = 0;
    status_[0].end_offset = kHeld;
    status_[0].readable = true;
  }

  std::span<const Record> Poll(std::chrono::milliseconds wait) override {
    records_.clear();
    std::int64_t& next = status_[0].next_offset;
    while (next < kHeld && records_.size() < 1'000) {
      records_.push_back({0, next++, std::nullopt, payload_});
    }
    if (records_.empty()) std::this_thread::sleep_for(wait);
    return records_;
  }
  std::span<const LogStatus> Status() override { return status_; }
  Result<void> Assign(std::vector<LogAssignment>) override { return Fail("there is one log"); }

 private:
  const std::string payload_ = R"({"guardrail":"g","score":0.5,"time":"2026-11-22T09:41:07Z"})";
  std::vector<Record> records_;
  std::vector<LogStatus> status_{1};
};

TEST(WorkerThreadTest, WhatIsReadFastIsPassedOnBeforeItsTime) {
  auto parsed = ParseConfig(kConfig, "test.yaml", [](const std::string&) { return std::nullopt; });
  ASSERT_TRUE(parsed.config);
  const Config& config = *parsed.config;
  auto start = StartFresh(config);
  ASSERT_TRUE(start);
  const SourceOptions& source = config.sources[0].ingest;
  start->monitor->ExpectShard(0, 0);
  MonitorThread::Options options;
  options.interval = std::chrono::milliseconds(10);
  MonitorThread monitor(std::move(start->monitor), std::move(options));

  auto owned = std::make_unique<LongLog>();
  LongLog& reader = *owned;
  auto worker = std::make_unique<IngestWorker>(source, std::move(owned),
                                               std::make_unique<JsonCodec>(Dimensions(source)));
  worker->AddShard(std::make_unique<Shard>(source, 0, 0, CarriedKinds{}, start->seed));
  const ShardPlan plan = PlanShards({{"guardrail.events", {}, 1}}, true);
  worker->AddLog(plan.logs[0], false, {Now(), MonotonicNow()});
  Logger log{{}};
  WorkerThread thread("gateway-0", 0, "gateway", std::move(worker), std::chrono::hours(1), monitor,
                      log);

  const auto passed_on = [&] {
    const auto snapshot = monitor.snapshot();
    const auto& logs = snapshot->sources[0]->logs;
    return logs.empty() ? std::int64_t{0} : logs[0].next_offset;
  };
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  while (passed_on() == 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_EQ(passed_on(), 250'000) << "and the rest waits for its time,";
  thread.Stop();
  const std::int64_t read = reader.Status()[0].next_offset;
  while (passed_on() < read && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_EQ(passed_on(), read) << "or for the end";
}

}  // namespace
}  // namespace guardwatch
