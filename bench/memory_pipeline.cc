// The daemon's two stages over records that are in memory already: what is left of it without
// Kafka.
//
//   memory_pipeline WORKERS EVENTS [STATE_DIRECTORY]
//
// Everything else is as in production: decoding, shards, the monitor on its thread, and checkpoints
// if there is a directory. Prints the seconds until everything was read, and the CPU seconds in
// all, as JSON, and fails if the final counts are not those of the events.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <future>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <sys/resource.h>

#include "app/checkpointer.h"
#include "app/logging.h"
#include "app/monitor_thread.h"
#include "app/restore.h"
#include "app/shard_plan.h"
#include "app/worker_thread.h"
#include "base/hash.h"
#include "codec/json_codec.h"
#include "config/config.h"
#include "ingest/guardrail_settings.h"
#include "net/clock.h"
#include "process_cost.h"
#include "store/state_store.h"
#include "stream.h"

namespace guardwatch::bench {
namespace {

constexpr int kPartitions = 4;
constexpr std::int64_t kPerSecond = 10'000;
constexpr std::int64_t kLabelEvery = 10;
constexpr Duration kLabelDelay = std::chrono::seconds(30);

constexpr const char* kConfig = R"(
sources:
  - name: bench
    kafka:
      brokers: ["nowhere:9092"]
      topics: [guardrail.events, {name: guardrail.labels, carries: [labels]}]
    cohorts: [lang, region, tier]
    label_partitioning: same_as_scores
    label_horizon: 30m
    label_lateness: 2m
)";

// One partition of a topic, written in one piece of memory.
struct MemoryLog {
  struct Entry {
    std::size_t begin = 0;
    EventTime timestamp{};
  };
  LogName name;
  std::string payloads;
  std::vector<Entry> entries;

  // Memory that is taken once is not given back while the time is taken.
  void Reserve(std::int64_t events) {
    constexpr std::size_t kRoomyRecord = 320;  // Bytes.
    entries.reserve(static_cast<std::size_t>(events));
    payloads.reserve(static_cast<std::size_t>(events) * kRoomyRecord);
  }
  void Append(const std::string& payload, EventTime timestamp) {
    entries.push_back({payloads.size(), timestamp});
    payloads += payload;
  }
  std::string_view Payload(std::size_t i) const {
    const std::size_t end = i + 1 < entries.size() ? entries[i + 1].begin : payloads.size();
    return std::string_view(payloads).substr(entries[i].begin, end - entries[i].begin);
  }
};

struct Input {
  std::deque<MemoryLog> logs;  // Scores by partition, then labels by partition.
  std::int64_t flagged = 0;
  std::int64_t labels = 0;
  std::int64_t records = 0;
};

Input Make(std::int64_t events) {
  Input input;
  for (const char* topic : {"guardrail.events", "guardrail.labels"}) {
    for (std::int32_t p = 0; p < kPartitions; ++p) input.logs.push_back({{topic, p}, {}, {}});
  }
  const std::int64_t even_share = events / kPartitions;
  for (int p = 0; p < kPartitions; ++p) {
    input.logs[p].Reserve(even_share + even_share / 50);
    input.logs[kPartitions + p].Reserve(even_share / 9);
  }
  StreamOptions options;
  options.per_second = kPerSecond;
  options.start = EventTimeFromMicros(Micros(Now())) - std::chrono::hours(1);
  const EventStream stream(options);
  Record record;
  for (std::int64_t n = 0; n < events; ++n) {
    stream.Combined(n, record);
    const std::size_t partition = Mix64(Fnv1a64(record.request_id)) % kPartitions;
    input.logs[partition].Append(record.payload, record.event.time);
    input.flagged += stream.FlaggedOf(n) ? 1 : 0;
    ++input.records;
    if (n % kLabelEvery != 0) continue;
    stream.Label(n, kLabelDelay, record);
    input.logs[kPartitions + partition].Append(record.payload, record.event.time);
    ++input.labels;
    ++input.records;
  }
  return input;
}

// When the last reader came to its end.
std::atomic<std::int64_t> g_read_at{0};

// Reads some of the logs, in runs, the log that lies farthest behind first.
class MemorySource final : public EventSource {
 public:
  explicit MemorySource(std::vector<const MemoryLog*> logs)
      : logs_(std::move(logs)), status_(logs_.size()) {
    for (std::size_t i = 0; i < logs_.size(); ++i) {
      status_[i].next_offset = 0;
      status_[i].end_offset = static_cast<std::int64_t>(logs_[i]->entries.size());
      status_[i].readable = true;
    }
  }

  std::span<const guardwatch::Record> Poll(std::chrono::milliseconds wait) override {
    constexpr std::int64_t kRun = 1024;
    records_.clear();
    std::size_t behind = logs_.size();
    EventTime least = kEndOfTime;
    for (std::size_t i = 0; i < logs_.size(); ++i) {
      if (status_[i].finished) continue;
      const EventTime next =
          logs_[i]->entries[static_cast<std::size_t>(status_[i].next_offset)].timestamp;
      if (next < least) {
        least = next;
        behind = i;
      }
    }
    if (behind == logs_.size()) {
      if (!std::exchange(at_end_, true)) {
        const std::int64_t now = std::chrono::steady_clock::now().time_since_epoch().count();
        if (now > g_read_at) g_read_at = now;
      }
      std::this_thread::sleep_for(wait);
      return {};
    }
    LogStatus& status = status_[behind];
    const std::int64_t end = std::min(status.end_offset, status.next_offset + kRun);
    for (; status.next_offset < end; ++status.next_offset) {
      const auto i = static_cast<std::size_t>(status.next_offset);
      records_.push_back({static_cast<std::uint32_t>(behind), status.next_offset,
                          logs_[behind]->entries[i].timestamp, logs_[behind]->Payload(i)});
    }
    status.finished = status.next_offset == status.end_offset;
    return records_;
  }
  std::span<const LogStatus> Status() override { return status_; }
  Result<void> Assign(std::vector<LogAssignment>) override { return Fail("the logs are fixed"); }

 private:
  const std::vector<const MemoryLog*> logs_;
  std::vector<LogStatus> status_;
  std::vector<guardwatch::Record> records_;
  bool at_end_ = false;
};

std::unique_ptr<IngestWorker> MakeWorker(const Config& config, const Input& input,
                                         const HashSeed& seed, std::uint32_t worker,
                                         std::uint32_t workers) {
  const SourceOptions& source = config.sources[0].ingest;
  ShardPlan plan = PlanShards({{"guardrail.events", {}, kPartitions},
                               {"guardrail.labels", {false, false, true}, kPartitions}},
                              true);
  std::vector<const MemoryLog*> logs;
  std::vector<PlannedLog> planned;
  for (const PlannedLog& log : plan.logs) {
    if (log.shards.front() % workers != worker) continue;
    planned.push_back(log);
    logs.push_back(&*std::find_if(input.logs.begin(), input.logs.end(),
                                  [&](const MemoryLog& each) { return each.name == log.name; }));
  }
  auto ready = std::make_unique<IngestWorker>(source, std::make_unique<MemorySource>(logs),
                                              std::make_unique<JsonCodec>(Dimensions(source)));
  for (std::uint32_t shard = worker; shard < plan.shards; shard += workers) {
    ready->AddShard(std::make_unique<Shard>(source, 0, shard, CarriedKinds{}, seed));
  }
  for (const PlannedLog& log : planned) ready->AddLog(log, false, {Now(), MonotonicNow()});
  return ready;
}

struct Counts {
  std::int64_t scored = 0;
  std::int64_t flagged = 0;
  std::int64_t labeled = 0;
};

// Once everything is sealed: what the panes of the whole series hold.
std::optional<Counts> CountsOf(Monitor& monitor) {
  if (!monitor.Finished()) return std::nullopt;
  HistoryQuery query;
  query.from = kBeginningOfTime;
  query.to = kEndOfTime;
  query.step = kPaneWidth;
  Counts counts;
  for (const SeriesHistory& series : monitor.History(query)) {
    if (!series.key.slice.whole()) continue;
    for (const HistoryPoint& step : series.points) {
      counts.scored += step.total.scored;
      counts.flagged += step.total.flagged;
      counts.labeled += step.total.labeled;
    }
  }
  return counts;
}

int Run(std::uint32_t workers, std::int64_t events, const std::string& directory) {
  const Input input = Make(events);
  auto parsed = ParseConfig(kConfig, "bench.yaml", [](const std::string&) { return std::nullopt; });
  if (!parsed.config) {
    std::cerr << "memory_pipeline: the configuration is wrong\n";
    return 1;
  }
  Config config = *std::move(parsed.config);
  config.monitor.keep_all_panes = true;
  Logger log({});
  auto start = StartFresh(config);
  std::unique_ptr<StateStore> store;
  std::unique_ptr<Checkpointer> checkpointer;
  MonitorThread::Options options;
  if (!directory.empty()) {
    auto opened = StateStore::Open(directory);
    if (!opened) {
      std::cerr << "memory_pipeline: " << opened.error().message << '\n';
      return 1;
    }
    store = *std::move(opened);
    checkpointer = std::make_unique<Checkpointer>(*store, log);
    options.checkpointer = checkpointer.get();
    options.preamble = Preamble(config, start->seed);
    options.sources = {"bench"};
  }
  std::vector<std::unique_ptr<IngestWorker>> ready;
  for (std::uint32_t w = 0; w < workers; ++w) {
    ready.push_back(MakeWorker(config, input, start->seed, w, workers));
  }
  for (std::uint32_t shard = 0; shard < kPartitions; ++shard) start->monitor->ExpectShard(0, shard);

  const double cpu = CpuSeconds();
  const auto began = std::chrono::steady_clock::now();
  MonitorThread monitor(std::move(start->monitor), std::move(options));
  std::deque<WorkerThread> threads;
  for (std::uint32_t w = 0; w < workers; ++w) {
    threads.emplace_back("bench-" + std::to_string(w), 0, "bench", std::move(ready[w]),
                         config.flush_interval, monitor, log);
  }
  std::optional<Counts> counts;
  while (!counts) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    auto answer = std::make_shared<std::promise<std::optional<Counts>>>();
    monitor.Post([answer](Monitor& m, const Tick&) { answer->set_value(CountsOf(m)); });
    counts = answer->get_future().get();
  }
  const std::chrono::duration<double> wall =
      std::chrono::steady_clock::time_point(std::chrono::steady_clock::duration(g_read_at)) - began;
  const double spent = CpuSeconds() - cpu;
  threads.clear();
  monitor.Stop();
  if (counts->scored != events || counts->flagged != input.flagged ||
      counts->labeled != input.labels) {
    std::cerr << "memory_pipeline: scored " << counts->scored << " of " << events << ", flagged "
              << counts->flagged << " of " << input.flagged << ", labelled " << counts->labeled
              << " of " << input.labels << '\n';
    return 1;
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::cout << "{\"workers\": " << workers << ", \"records\": " << input.records
            << ", \"wall_seconds\": " << wall.count() << ", \"cpu_seconds\": " << spent
            << ", \"peak_resident_bytes\": " << usage.ru_maxrss * 1024 << "}\n";
  return 0;
}

}  // namespace
}  // namespace guardwatch::bench

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) {
    std::cerr << "usage: memory_pipeline WORKERS EVENTS [STATE_DIRECTORY]\n";
    return 2;
  }
  return guardwatch::bench::Run(static_cast<std::uint32_t>(std::atoi(argv[1])), std::atoll(argv[2]),
                                argc > 3 ? argv[3] : "");
}
