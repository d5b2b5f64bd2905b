#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ingest/guardrail_settings.h"
#include "ingest/shard.h"
#include "monitor/monitor.h"
#include "support/event_builder.h"

// Both stages of one source, driven by hand as the daemon drives them: records go to shards, a
// flush reports the logs, takes over the monitor's watermarks and hands the batch to the monitor.

namespace guardwatch {

inline constexpr CarriedKinds kEverything{};
inline constexpr CarriedKinds kOnlyScores{.scores = true, .decisions = false, .labels = false};
inline constexpr CarriedKinds kOnlyDecisions{.scores = false, .decisions = true, .labels = false};
inline constexpr CarriedKinds kOnlyLabels{.scores = false, .decisions = false, .labels = true};

struct TestTopic {
  std::string name;
  CarriedKinds carries;
  int partitions = 1;
};

// What a configuration says about one guardrail; tests fill in the rest.
inline GuardrailOptions OptionsOf(std::string guardrail,
                                  std::optional<std::string> category = std::nullopt) {
  GuardrailOptions options;
  options.guardrail = std::move(guardrail);
  options.category = std::move(category);
  return options;
}

// A log of the source and the shards that take its records.
struct TestLog {
  std::string topic;
  std::uint32_t topic_rank = 0;
  std::int32_t partition = 0;
  CarriedKinds carries;
  std::vector<std::uint32_t> shards;
  std::uint32_t counting_shard = 0;
};

inline std::uint32_t ShardCount(const std::vector<TestTopic>& topics) {
  int most = 1;
  for (const TestTopic& topic : topics) {
    if (!topic.carries.only_labels()) most = std::max(most, topic.partitions);
  }
  return static_cast<std::uint32_t>(most);
}

// Topics are given in the order of their names.
inline std::vector<TestLog> LogsOf(const std::vector<TestTopic>& topics) {
  const std::uint32_t shards = ShardCount(topics);
  std::vector<TestLog> logs;
  for (std::uint32_t rank = 0; rank < topics.size(); ++rank) {
    for (int partition = 0; partition < topics[rank].partitions; ++partition) {
      const std::uint32_t own = static_cast<std::uint32_t>(partition) % shards;
      TestLog log{topics[rank].name, rank, partition, topics[rank].carries, {own}, own};
      if (log.carries.only_labels()) {
        log.shards.clear();
        for (std::uint32_t shard = 0; shard < shards; ++shard) log.shards.push_back(shard);
      }
      logs.push_back(std::move(log));
    }
  }
  return logs;
}

inline CarriedKinds CarriedTogether(const std::vector<TestTopic>& topics) {
  CarriedKinds all{false, false, false};
  for (const TestTopic& topic : topics) {
    all.scores |= topic.carries.scores;
    all.decisions |= topic.carries.decisions;
    all.labels |= topic.carries.labels;
  }
  return all;
}

inline LogSpec SpecOf(const TestLog& log, std::uint32_t shard) {
  return {.topic = log.topic,
          .topic_rank = log.topic_rank,
          .partition = log.partition,
          .carries = log.carries,
          .counts = log.counting_shard == shard};
}

inline MonitorOptions MonitorOf(const SourceOptions& source, MonitorOptions options) {
  options.sources = {{.name = source.name,
                      .allowed_lateness = source.allowed_lateness,
                      .label_lateness = source.label_lateness,
                      .label_horizon = LongestHorizon(source),
                      .max_values_per_dimension = source.max_values_per_dimension,
                      .max_units = source.max_units,
                      .max_versions_per_unit = source.max_versions_per_unit}};
  return options;
}

inline constexpr Duration kDay = std::chrono::hours(24);

// What one test log looks like from outside, between flushes.
struct TestLogHealth {
  bool readable = true;
  bool at_end = true;
  bool finished = false;
};

class SourceRun {
 public:
  explicit SourceRun(SourceOptions source = {},
                     std::vector<TestTopic> topics = {{"events", kEverything, 1}},
                     MonitorOptions monitor = TwoDays())
      : source_(Named(std::move(source))),
        logs_(LogsOf(topics)),
        health_(logs_.size()),
        offsets_(logs_.size()),
        indexes_(logs_.size()),
        monitor_(MonitorOf(source_, std::move(monitor))) {
    for (std::uint32_t shard = 0; shard < ShardCount(topics); ++shard) {
      shards_.push_back(
          std::make_unique<Shard>(source_, 0, shard, CarriedTogether(topics), HashSeed{}));
      monitor_.ExpectShard(0, shard);
    }
    for (std::size_t log = 0; log < logs_.size(); ++log) {
      for (const std::uint32_t shard : logs_[log].shards) {
        indexes_[log].push_back(shards_[shard]->AddLog(SpecOf(logs_[log], shard), tick_.monotonic));
      }
    }
  }

  // The log's next record.
  void Read(std::size_t log, const EventBuilder& built) {
    ForEachReader(log, [&](Shard& shard, LogIndex index) {
      shard.Take({index, offsets_[log], built.recorded_at(), 100}, built.Build(), tick_);
    });
    ++offsets_[log];
  }
  void Read(const EventBuilder& built) { Read(0, built); }
  void ReadRejected(std::size_t log, RejectReason reason, const EventBuilder& built) {
    ForEachReader(log, [&](Shard& shard, LogIndex index) {
      shard.Reject({index, offsets_[log], built.recorded_at(), 100}, reason, built.Build(), tick_);
    });
    ++offsets_[log];
  }

  void Flush() {
    for (const auto& shard : shards_) monitor_.Take(Batch(*shard), tick_);
  }
  // Twice, so that what the first made possible comes into force.
  void Settle() {
    Flush();
    Flush();
  }
  ShardBatch Batch(Shard& shard) {
    for (std::size_t log = 0; log < logs_.size(); ++log) {
      for (std::size_t i = 0; i < logs_[log].shards.size(); ++i) {
        if (logs_[log].shards[i] != shard.shard_index()) continue;
        const TestLogHealth& h = health_[log];
        shard.Observe(indexes_[log][i], {h.readable, h.at_end, h.finished}, offsets_[log], tick_);
      }
    }
    shard.Honour(monitor_.Proposed(0));
    return shard.Flush();
  }

  void Finish() {
    for (TestLogHealth& health : health_) health.finished = true;
    Settle();
    Settle();
  }
  void Pass(Duration time) {
    tick_.monotonic += time;
    tick_.wall += time;
  }

  TestLogHealth& health(std::size_t log) { return health_[log]; }
  Shard& shard(std::size_t index) { return *shards_[index]; }
  Monitor& monitor() { return monitor_; }
  const Tick& tick() const { return tick_; }
  void set_wall(EventTime time) { tick_.wall = WallTime(time.time_since_epoch()); }
  std::shared_ptr<const Snapshot> TakeSnapshot() { return monitor_.TakeSnapshot(tick_); }
  std::shared_ptr<const SourceView> view() { return TakeSnapshot()->sources[0]; }
  LogView log_view(std::size_t log) {
    for (const LogView& view : monitor_.sources()[0]->logs().Views()) {
      if (view.topic == logs_[log].topic && view.partition == logs_[log].partition) return view;
    }
    return {};
  }

  // Everything counted so far in the series that match, sealed or not; of the days around noon.
  Aggregate Total(const SeriesFilter& filter = Whole()) {
    Flush();
    Aggregate total;
    for (const SeriesWindow& window : monitor_.sources()[0]->WindowsUpTo(kNoon + kDay)) {
      const WindowView& view = window.window;
      if (view.window != 2 * kDay || view.view != WindowViewKind::kCurrent) continue;
      if (filter.Matches(window.key)) total += view.total;
    }
    return total;
  }
  Aggregate TotalOf(std::string category) {
    SeriesFilter filter = Whole();
    filter.category = std::move(category);
    return Total(filter);
  }
  Aggregate TotalOf(std::string dimension, std::string value) {
    SeriesFilter filter;
    filter.slice = Slice{std::move(dimension), std::move(value)};
    return Total(filter);
  }

  std::int64_t Labels(LabelOutcome outcome) {
    Flush();
    std::int64_t n = 0;
    for (const auto& [unit, view] : monitor_.sources()[0]->labels()) {
      n += view.outcomes[static_cast<std::size_t>(outcome)];
    }
    return n;
  }
  DecisionOutcomes Decisions() {
    Flush();
    return view()->decisions;
  }

  // The usual windows, and one that holds everything a test reads.
  static MonitorOptions TwoDays() {
    MonitorOptions options;
    options.windows.push_back(2 * kDay);
    options.keep_all_panes = true;
    return options;
  }
  static SeriesFilter Whole() {
    SeriesFilter filter;
    filter.slice = Slice{};
    return filter;
  }

 private:
  static SourceOptions Named(SourceOptions source) {
    if (source.name.empty()) source.name = "gateway";
    return source;
  }

  template <class Visit>
  void ForEachReader(std::size_t log, Visit&& visit) {
    for (std::size_t i = 0; i < logs_[log].shards.size(); ++i) {
      visit(*shards_[logs_[log].shards[i]], indexes_[log][i]);
    }
  }

  const SourceOptions source_;
  const std::vector<TestLog> logs_;
  std::vector<TestLogHealth> health_;
  std::vector<std::int64_t> offsets_;
  std::vector<std::vector<LogIndex>> indexes_;  // By log and reader.
  Monitor monitor_;
  std::vector<std::unique_ptr<Shard>> shards_;
  Tick tick_{WallTime(kNoon.time_since_epoch()), MonotonicTime(std::chrono::hours(1))};
};

}  // namespace guardwatch
