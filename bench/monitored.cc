#include "monitored.h"

namespace guardwatch::bench {
namespace {

constexpr std::int64_t kRound = 2'000;  // Events; a second of event time.

StreamOptions ManySeries() {
  StreamOptions options;
  options.units = 16;
  options.per_second = static_cast<double>(kRound);
  options.values = {40, 40, 44};
  return options;
}

MonitorOptions OptionsFor(const SourceOptions& source) {
  MonitorOptions options;
  options.sources.push_back({.name = source.name,
                             .allowed_lateness = source.allowed_lateness,
                             .label_lateness = source.label_lateness,
                             .label_horizon = source.label_horizon,
                             .max_values_per_dimension = source.max_values_per_dimension,
                             .max_units = source.max_units,
                             .max_versions_per_unit = source.max_versions_per_unit});
  return options;
}

}  // namespace

Monitored::Monitored()
    : stream_(ManySeries()),
      source_(SourceOf(std::chrono::minutes(1))),
      shard_(source_, 0, 0, CarriedKinds{}, HashSeed{}),
      monitor_(OptionsFor(source_)) {
  monitor_.ExpectShard(0, 0);
  LogSpec log;
  log.topic = "events";
  shard_.AddLog(log, tick_.monotonic);
}

ShardBatch Monitored::Flush() {
  shard_.Honour(honoured_);
  return shard_.Flush();
}

ShardBatch Monitored::NextBatch() {
  for (std::int64_t i = 0; i < kRound; ++i) {
    stream_.Combined(next_, record_);
    const RecordPlace place{0, next_, record_.event.time, record_.payload.size()};
    shard_.Take(place, record_.event, tick_);
    ++next_;
  }
  return Flush();
}

ShardBatch Monitored::NextSeal() {
  const EventTime last = AlignDown(stream_.TimeOf(next_), kPaneWidth);
  honoured_.scores = honoured_.scores < stream_.TimeOf(0) ? last : honoured_.scores + kPaneWidth;
  honoured_.labels = honoured_.scores;
  return Flush();
}

void Monitored::Take(const ShardBatch& batch) { monitor_.Take(batch, tick_); }

void Monitored::Warm() {
  for (int second = 0; second < 20; ++second) Take(NextBatch());
  Take(NextSeal());
}

std::int64_t Monitored::series() const {
  return static_cast<std::int64_t>(16 * (1 + 40 + 40 + 44));
}

}  // namespace guardwatch::bench
