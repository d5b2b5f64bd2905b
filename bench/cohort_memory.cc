// What many cohorts of little traffic take in memory, without Kafka.
//
//   cohort_memory EVENTS [COHORTS=10000] [PER_SECOND=5000]
//
// One shard and the monitor, flushed, sealed and asked for a snapshot once per second of event
// time, as the daemon does. The last snapshot is held, as readers hold it. Prints the resident
// bytes at the end, those that are in use, and the CPU seconds, as JSON; fails if the final counts
// are not those of the events.

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <malloc.h>
#include <memory>
#include <string>

#ifdef GUARDWATCH_JEMALLOC
#include <jemalloc/jemalloc.h>
#endif

#include "ingest/shard.h"
#include "monitor/monitor.h"
#include "process_cost.h"
#include "stream.h"

namespace guardwatch::bench {
namespace {

constexpr std::int64_t kLabelEvery = 10;
constexpr Duration kLabelDelay = std::chrono::seconds(30);

std::int64_t UsedBytes() {
#ifdef GUARDWATCH_JEMALLOC
  std::uint64_t epoch = 1;  // Any number brings what is told below up to date.
  std::size_t used = 0;
  std::size_t size = sizeof(used);
  (void)mallctl("epoch", nullptr, nullptr, &epoch, sizeof(epoch));
  (void)mallctl("stats.allocated", &used, &size, nullptr, 0);
  return static_cast<std::int64_t>(used);
#else
  return static_cast<std::int64_t>(mallinfo2().uordblks);
#endif
}

MonitorOptions OptionsFor(const SourceOptions& source, std::int64_t cohorts) {
  MonitorOptions options;
  options.windows = {std::chrono::minutes(5), std::chrono::minutes(15), std::chrono::hours(1)};
  options.max_series = 2 * cohorts + 5'000;
  options.sources.push_back({.name = source.name,
                             .allowed_lateness = source.allowed_lateness,
                             .label_lateness = source.label_lateness,
                             .label_horizon = source.label_horizon,
                             .max_values_per_dimension = cohorts,
                             .max_units = source.max_units,
                             .max_versions_per_unit = source.max_versions_per_unit});
  return options;
}

int Run(std::int64_t events, std::int64_t cohorts, std::int64_t per_second) {
  StreamOptions stream_options;
  stream_options.units = 1;
  stream_options.per_second = static_cast<double>(per_second);
  stream_options.values = {static_cast<int>(cohorts), 2, 2};
  const EventStream stream(stream_options);
  SourceOptions source = SourceOf(std::chrono::minutes(30));
  source.label_horizon = std::chrono::minutes(30);
  source.label_lateness = std::chrono::minutes(2);
  source.max_values_per_dimension = cohorts;
  Shard shard(source, 0, 0, CarriedKinds{}, HashSeed{});
  Monitor monitor(OptionsFor(source, cohorts));
  Tick tick{WallTime(std::chrono::hours(500'000)), MonotonicTime(std::chrono::hours(1))};
  monitor.ExpectShard(0, 0);
  LogSpec scores;
  scores.topic = "events";
  shard.AddLog(scores, tick.monotonic);
  LogSpec labels;
  labels.topic = "labels";
  labels.carries = {false, false, true};
  shard.AddLog(labels, tick.monotonic);

  const std::int64_t before = ResidentBytes();
  const double cpu = CpuSeconds();
  std::shared_ptr<const Snapshot> snapshot;
  Record record;
  std::int64_t labeled = 0;
  const std::int64_t delay = kLabelDelay / std::chrono::seconds(1) * per_second;
  for (std::int64_t n = 0; n < events; ++n) {
    stream.Combined(n, record);
    shard.Take({0, n, record.event.time, record.payload.size()}, record.event, tick);
    if (n >= delay && (n - delay) % kLabelEvery == 0) {
      stream.Label(n - delay, kLabelDelay, record);
      shard.Take({1, labeled++, record.event.time, record.payload.size()}, record.event, tick);
    }
    if ((n + 1) % per_second != 0) continue;
    tick.monotonic += std::chrono::seconds(1);
    monitor.Take(shard.Flush(), tick);
    shard.Honour(monitor.Proposed(0));
    snapshot = monitor.TakeSnapshot(tick);
  }
  monitor.Take(shard.Flush(), tick);
  snapshot = monitor.TakeSnapshot(tick);
  const double spent = CpuSeconds() - cpu;
  std::int64_t scored = 0;
  for (const auto& series : snapshot->series) {
    scored += series->key.slice.whole() ? series->scored_total : 0;
  }
  if (scored != events) {
    std::cerr << "cohort_memory: scored " << scored << " of " << events << '\n';
    return 1;
  }
  std::cout << "{\"series\": " << snapshot->series.size() << ", \"labels\": " << labeled
            << ", \"resident_before\": " << before << ", \"resident_bytes\": " << ResidentBytes()
            << ", \"used_bytes\": " << UsedBytes() << ", \"cpu_seconds\": " << spent << "}\n";
  return 0;
}

}  // namespace
}  // namespace guardwatch::bench

int main(int argc, char** argv) {
  if (argc < 2 || argc > 4) {
    std::cerr << "usage: cohort_memory EVENTS [COHORTS [PER_SECOND]]\n";
    return 2;
  }
  return guardwatch::bench::Run(std::atoll(argv[1]), argc > 2 ? std::atoll(argv[2]) : 10'000,
                                argc > 3 ? std::atoll(argv[3]) : 5'000);
}
