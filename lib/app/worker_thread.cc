#include "app/worker_thread.h"

#include <utility>

#include "app/thread_name.h"
#include "net/clock.h"

namespace guardwatch {
namespace {

// How long nothing need happen until a worker looks whether to stop, flush or change: one with
// nothing to read wakes twenty times a second.
constexpr auto kPollWait = std::chrono::milliseconds(50);
constexpr Duration kBetweenRejectLines = std::chrono::minutes(1);

// Catching up reads in a second what otherwise comes in minutes. Flushed in pieces it goes through
// the same memory again and again, most of it still in the processor's caches.
constexpr std::size_t kMostUnflushed = 250'000;

}  // namespace

WorkerThread::WorkerThread(std::string name, std::uint32_t source, const std::string& source_name,
                           std::unique_ptr<IngestWorker> worker, Duration flush_interval,
                           MonitorThread& monitor, Logger& log)
    : name_(std::move(name)),
      source_(source),
      source_name_(source_name),
      worker_(std::move(worker)),
      flush_interval_(flush_interval),
      monitor_(monitor),
      log_(log),
      thread_([this] { Run(); }) {}

WorkerThread::~WorkerThread() { Stop(); }

void WorkerThread::Post(std::function<void(IngestWorker&, const Tick&)> change) {
  const std::lock_guard lock(changes_mutex_);
  changes_.push_back(std::move(change));
}

void WorkerThread::Stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

void WorkerThread::Run() {
  NameThread("ingest " + name_);
  flushed_ = MonotonicNow();
  while (!stopping_) {
    TakeChanges();
    const MonotonicTime before = MonotonicNow();
    std::size_t records = 0;
    if (monitor_.paused()) {
      std::this_thread::sleep_for(kPollWait);
    } else {
      records = worker_->Turn(kPollWait, {Now(), before});
    }
    const MonotonicTime after = MonotonicNow();
    if (records > 0) busy_ += after - before;
    unflushed_ += records;
    const bool due = after - flushed_ >= flush_interval_ || unflushed_ >= kMostUnflushed;
    if (due && !Flush()) return;
  }
  Flush();
}

void WorkerThread::TakeChanges() {
  std::vector<std::function<void(IngestWorker&, const Tick&)>> changes;
  {
    const std::lock_guard lock(changes_mutex_);
    changes.swap(changes_);
  }
  for (const auto& change : changes) change(*worker_, {Now(), MonotonicNow()});
}

bool WorkerThread::Flush() {
  const Tick tick{Now(), MonotonicNow()};
  Report(tick.monotonic);
  for (ShardBatch& batch : worker_->Flush(monitor_.Proposed(source_), tick)) {
    LogRejects(batch, tick.monotonic);
    if (!monitor_.Push(std::move(batch))) return false;
  }
  flushed_ = tick.monotonic;
  unflushed_ = 0;
  return true;
}

void WorkerThread::Report(MonotonicTime now) {
  WorkerReport report;
  report.started = true;
  const Duration interval = now - flushed_;
  report.busy_ratio =
      interval > Duration{} ? std::min(1.0, double(busy_.count()) / double(interval.count())) : 0.0;
  busy_ = {};
  const auto status = worker_->Status();
  for (std::size_t i = 0; i < status.size(); ++i) {
    const LogName& name = worker_->logs()[i].name;
    if (status[i].end_offset >= 0 && status[i].next_offset >= 0) {
      report.lags.push_back(
          {source_name_, name.topic, name.partition,
           std::max<std::int64_t>(0, status[i].end_offset - status[i].next_offset)});
    }
    if (!status[i].readable && !status[i].finished && report.trouble.empty()) {
      report.trouble = name.topic + "/" + std::to_string(name.partition) + " cannot be read" +
                       (status[i].error.empty() ? std::string(" yet") : ": " + status[i].error);
    }
  }
  if (report.trouble != logged_trouble_) {
    if (report.trouble.empty()) {
      log_.Info("source", "every log can be read", {{"source", source_name_}, {"worker", name_}});
    } else {
      log_.Warn("source", report.trouble, {{"source", source_name_}, {"worker", name_}});
    }
    logged_trouble_ = report.trouble;
  }
  report_.Publish(std::move(report));
}

void WorkerThread::LogRejects(const ShardBatch& batch, MonotonicTime now) {
  std::vector<LogName>& names = shard_logs_[batch.shard];
  for (const LogDefinition& log : batch.new_logs) names.push_back({log.topic, log.partition});
  for (const LogChange& change : batch.logs) {
    for (const LastReject& reject : change.last_rejects) {
      const LogName& name = names[change.log];
      const auto [at, is_new] = logged_rejects_.try_emplace({name.topic, reject.reason}, now);
      if (!is_new && now - at->second < kBetweenRejectLines) continue;
      at->second = now;
      log_.Warn("ingest", "record rejected",
                {{"reason", std::string(ToString(reject.reason))},
                 {"topic", name.topic},
                 {"partition", std::to_string(name.partition)},
                 {"offset", std::to_string(reject.offset)}});
    }
  }
}

}  // namespace guardwatch
