#include "app/source_runner.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "app/open_reader.h"
#include "app/thread_name.h"
#include "codec/json_codec.h"
#include "ingest/guardrail_settings.h"
#include "net/clock.h"

namespace guardwatch {
namespace {

constexpr Duration kRetryAfter = std::chrono::seconds(2);

bool Owns(const PlannedLog& log, std::uint32_t worker, std::uint32_t workers) {
  return std::any_of(log.shards.begin(), log.shards.end(),
                     [&](std::uint32_t shard) { return shard % workers == worker; });
}

}  // namespace

SourceRunner::SourceRunner(std::uint32_t index, const SourceConfig& config,
                           SourceRunnerOptions options, Shards restored, MonitorThread& monitor,
                           Logger& log)
    : index_(index),
      config_(config),
      options_(options),
      monitor_(monitor),
      log_(log),
      started_(Now()),
      restored_(std::move(restored)),
      goes_on_(!restored_.empty()),
      thread_([this] { Run(); }) {}

SourceRunner::~SourceRunner() { Stop(); }

void SourceRunner::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  for (const auto& worker : workers_) worker->Stop();
}

void SourceRunner::Run() {
  NameThread("source " + config_.ingest.name);
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    Discover();
    lock.lock();
    const Duration pause = workers_.empty() ? kRetryAfter : options_.discovery_interval;
    wake_.wait_for(lock, pause, [&] { return stopping_; });
  }
}

void SourceRunner::Discover() {
  auto topics = FindTopics(config_);
  if (!topics) {
    // With workers at work the logs themselves say what is wrong.
    if (plan_.shards == 0) SetTrouble(topics.error().message);
    return;
  }
  std::string missing;
  for (const PlannedTopic& topic : *topics) {
    if (topic.partitions == 0) missing += (missing.empty() ? "" : ", ") + topic.name;
  }
  ShardPlan plan = PlanShards(*std::move(topics), config_.ingest.labels_follow_scores);
  // Shards whose logs have gone still take part, or what they promised would hold up the others.
  if (plan.shards > 0 && !restored_.empty()) {
    plan.shards = std::max(plan.shards, restored_.rbegin()->first + 1);
  }
  if (plan.shards > 0 && plan_.shards == 0) {
    if (auto started = Start(plan); !started) return SetTrouble(started.error().message);
  } else if (plan.logs.size() > plan_.logs.size()) {
    Extend(plan);
  }
  SetTrouble(missing.empty() ? "" : "topic not found: " + missing);
}

CarriedKinds SourceRunner::Carries() const {
  CarriedKinds all{false, false, false};
  for (const TopicConfig& topic : TopicsOf(config_)) {
    all.scores = all.scores || topic.carries.scores;
    all.decisions = all.decisions || topic.carries.decisions;
    all.labels = all.labels || topic.carries.labels;
  }
  return all;
}

void SourceRunner::ExpectShards(std::uint32_t from, std::uint32_t to) {
  monitor_.Post([source = index_, from, to](Monitor& monitor, const Tick&) {
    for (std::uint32_t shard = from; shard < to; ++shard) monitor.ExpectShard(source, shard);
  });
}

std::unique_ptr<Shard> SourceRunner::TakeShard(std::uint32_t number) {
  if (const auto known = restored_.find(number); known != restored_.end()) {
    return std::move(known->second);
  }
  return std::make_unique<Shard>(config_.ingest, index_, number, Carries(), options_.seed);
}

// A log goes on where the shard stands that has read least of it. One that no checkpoint knows, of
// a source that has one, has come since: it is read from its beginning.
LogAssignment SourceRunner::StartOf(const PlannedLog& log, std::uint32_t worker,
                                    std::uint32_t workers) const {
  LogAssignment start{log.name, goes_on_ ? 0 : LogAssignment::kStartFromConfig};
  std::optional<ReadPosition> least;
  for (const std::uint32_t number : log.shards) {
    const auto shard = restored_.find(number);
    if (number % workers != worker || shard == restored_.end()) continue;
    const ReadPosition position =
        shard->second->PositionOf(log.name.topic, log.name.partition).value_or(ReadPosition{});
    if (!least || position.next_offset < least->next_offset) least = position;
  }
  if (least) {
    start.next_offset = least->next_offset;
    start.last_read = least->last_read;
  }
  return start;
}

Result<void> SourceRunner::Start(const ShardPlan& plan) {
  const auto count = std::min(static_cast<std::uint32_t>(options_.workers), plan.shards);
  std::vector<std::unique_ptr<EventSource>> readers;
  for (std::uint32_t w = 0; w < count; ++w) {
    std::vector<LogAssignment> assignments;
    for (const PlannedLog& log : plan.logs) {
      if (Owns(log, w, count)) assignments.push_back(StartOf(log, w, count));
    }
    auto reader = OpenReader(config_, std::move(assignments), started_, log_);
    if (!reader) return tl::unexpected(reader.error());
    readers.push_back(*std::move(reader));
  }
  std::vector<std::unique_ptr<IngestWorker>> ready;
  const Tick tick{Now(), MonotonicNow()};
  for (std::uint32_t w = 0; w < count; ++w) {
    auto worker =
        std::make_unique<IngestWorker>(config_.ingest, std::move(readers[w]),
                                       std::make_unique<JsonCodec>(Dimensions(config_.ingest)));
    for (std::uint32_t shard = w; shard < plan.shards; shard += count) {
      worker->AddShard(TakeShard(shard));
    }
    worker->LimitPending(options_.pending_bytes / plan.shards);
    for (const PlannedLog& log : plan.logs) {
      if (Owns(log, w, count)) worker->AddLog(log, goes_on_, tick);
    }
    ready.push_back(std::move(worker));
  }
  ExpectShards(0, plan.shards);
  const std::lock_guard lock(mutex_);
  for (std::uint32_t w = 0; w < count; ++w) {
    workers_.push_back(std::make_unique<WorkerThread>(
        config_.ingest.name + "-" + std::to_string(w), index_, config_.ingest.name,
        std::move(ready[w]), options_.flush_interval, monitor_, log_));
  }
  plan_ = plan;
  log_.Info("source", "reading",
            {{"source", config_.ingest.name},
             {"logs", std::to_string(plan.logs.size())},
             {"shards", std::to_string(plan.shards)},
             {"workers", std::to_string(count)}});
  return {};
}

void SourceRunner::Extend(const ShardPlan& plan) {
  const auto workers = static_cast<std::uint32_t>(workers_.size());
  ExpectShards(plan_.shards, plan.shards);
  for (std::uint32_t w = 0; w < workers; ++w) {
    std::vector<PlannedLog> logs;
    for (const PlannedLog& log : plan.logs) {
      if (Owns(log, w, workers)) logs.push_back(log);
    }
    workers_[w]->Post([this, w, workers, logs = std::move(logs), from = plan_.shards,
                       to = plan.shards](IngestWorker& worker, const Tick& tick) {
      for (std::uint32_t shard = from; shard < to; ++shard) {
        if (shard % workers == w) {
          worker.AddShard(
              std::make_unique<Shard>(config_.ingest, index_, shard, Carries(), options_.seed));
        }
      }
      worker.LimitPending(options_.pending_bytes / to);
      if (auto extended = worker.Extend(logs, tick); !extended) {
        log_.Error("source", extended.error().message, {{"source", config_.ingest.name}});
      }
    });
  }
  log_.Info("source", "partitions were added",
            {{"source", config_.ingest.name},
             {"logs", std::to_string(plan.logs.size())},
             {"shards", std::to_string(plan.shards)}});
  plan_ = plan;
}

void SourceRunner::SetTrouble(std::string trouble) {
  const std::lock_guard lock(mutex_);
  if (trouble == trouble_) return;
  trouble_ = std::move(trouble);
  if (!trouble_.empty()) {
    log_.Warn("source", trouble_, {{"source", config_.ingest.name}, {"retry", "yes"}});
  }
}

SourceRunnerStatus SourceRunner::Status() const {
  const std::lock_guard lock(mutex_);
  SourceRunnerStatus status;
  std::string reason = trouble_;
  for (const auto& worker : workers_) {
    WorkerReport report = worker->report();
    status.workers.push_back({worker->name(), report.busy_ratio});
    std::move(report.lags.begin(), report.lags.end(), std::back_inserter(status.lags));
    if (reason.empty() && !report.started) reason = "starting";
    if (reason.empty()) reason = report.trouble;
  }
  status.ready = reason.empty();
  if (!status.ready) status.not_ready_reason = "source " + config_.ingest.name + ": " + reason;
  return status;
}

}  // namespace guardwatch
