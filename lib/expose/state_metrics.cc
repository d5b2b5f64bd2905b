#include "expose/metric_table.h"

// What is kept: checkpoints on disk, and what waits for its labels in memory.

namespace guardwatch {
namespace {

constexpr MetricType kCounter = MetricType::kCounter;
constexpr MetricType kGauge = MetricType::kGauge;

double Seconds(Duration duration) { return double(duration.count()) / 1e6; }

// A row about checkpoints; absent where nothing is durable.
template <class Value>
auto OfCheckpoints(Value value) {
  return [value](const Scrape& scrape, SampleSink& out) {
    if (scrape.self.checkpoint) out.Add({}, value(*scrape.self.checkpoint));
  };
}

void Checkpoints(const Scrape& scrape, SampleSink& out) {
  if (!scrape.self.checkpoint) return;
  out.Add({"written"}, double(scrape.self.checkpoint->written));
  out.Add({"failed"}, double(scrape.self.checkpoint->failed));
}

void PendingBytes(const Scrape& scrape, SampleSink& out) {
  for (const auto& source : scrape.snapshot.sources) {
    out.Add({source->name}, double(source->pending_bytes));
  }
}

void HorizonLimit(const Scrape& scrape, SampleSink& out) {
  for (const auto& source : scrape.snapshot.sources) {
    if (source->horizon_limit) out.Add({source->name}, Seconds(*source->horizon_limit));
  }
}

void LogResets(const Scrape& scrape, SampleSink& out) {
  for (const auto& source : scrape.snapshot.sources) {
    for (const LogView& log : source->logs) {
      out.Add({source->name, log.topic, std::to_string(log.partition)}, double(log.reset_count));
    }
  }
}

}  // namespace

std::vector<Metric> StateMetrics() {
  using Checkpoint = CheckpointMetrics;
  return {
      {"guardwatch_checkpoints_total",
       kCounter,
       {"outcome"},
       "Checkpoints by outcome: written, failed (tried again until written).",
       Checkpoints},
      {"guardwatch_checkpoint_age_seconds",
       kGauge,
       {},
       "Time since the last checkpoint was on disk: what a crash would have to read again.",
       OfCheckpoints([](const Checkpoint& c) { return Seconds(c.age); })},
      {"guardwatch_checkpoint_duration_seconds",
       kGauge,
       {},
       "How long the disk took for the last checkpoint.",
       OfCheckpoints([](const Checkpoint& c) { return Seconds(c.duration); })},
      {"guardwatch_checkpoint_bytes",
       kGauge,
       {},
       "Size of the last checkpoint.",
       OfCheckpoints([](const Checkpoint& c) { return double(c.bytes); })},
      {"guardwatch_pending_bytes",
       kGauge,
       {"source"},
       "Memory of what waits to be joined.",
       PendingBytes},
      {"guardwatch_label_horizon_limit_seconds",
       kGauge,
       {"source"},
       "The label horizon in force because memory was short; absent while it is as configured.",
       HorizonLimit},
      {"guardwatch_log_resets_total",
       kCounter,
       {"source", "topic", "partition"},
       "Jumps of the position in a log: records were deleted unread, or the log was made anew.",
       LogResets},
  };
}

}  // namespace guardwatch
