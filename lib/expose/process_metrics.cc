#include "expose/metric_table.h"

// The process itself: is it fit to watch anything.

namespace guardwatch {
namespace {

constexpr MetricType kCounter = MetricType::kCounter;
constexpr MetricType kGauge = MetricType::kGauge;

double Seconds(WallTime time) { return double(Micros(time)) / 1e6; }

void BuildInfo(const Scrape& scrape, SampleSink& out) {
  out.Add({scrape.self.version, scrape.self.revision, scrape.self.compiler}, 1);
}

void Uptime(const Scrape& scrape, SampleSink& out) {
  out.Add({}, double(scrape.self.uptime().count()) / 1e6);
}

void Ready(const Scrape& scrape, SampleSink& out) { out.Add({}, scrape.self.ready ? 1 : 0); }

void ResidentMemory(const Scrape& scrape, SampleSink& out) {
  out.Add({}, double(scrape.self.resident_bytes));
}

void ConfigReloadOk(const Scrape& scrape, SampleSink& out) {
  out.Add({}, scrape.self.config_reload_ok ? 1 : 0);
}

void ConfigReloadTime(const Scrape& scrape, SampleSink& out) {
  if (scrape.self.config_loaded_at) out.Add({}, Seconds(*scrape.self.config_loaded_at));
}

void ConfigInfo(const Scrape& scrape, SampleSink& out) { out.Add({scrape.self.config_hash}, 1); }

void QueueDepth(const Scrape& scrape, SampleSink& out) {
  for (const QueueStatus& queue : scrape.self.queues) out.Add({queue.name}, double(queue.depth));
}

void QueueCapacity(const Scrape& scrape, SampleSink& out) {
  for (const QueueStatus& queue : scrape.self.queues) out.Add({queue.name}, double(queue.capacity));
}

void WorkerBusy(const Scrape& scrape, SampleSink& out) {
  for (const WorkerStatus& worker : scrape.self.workers) out.Add({worker.name}, worker.busy_ratio);
}

void Notifications(const Scrape& scrape, SampleSink& out) {
  for (const ReceiverStatus& receiver : scrape.self.receivers) {
    out.Add({receiver.name, "sent"}, double(receiver.sent));
    out.Add({receiver.name, "failed"}, double(receiver.failed));
    out.Add({receiver.name, "dropped"}, double(receiver.dropped));
  }
}

void NotificationQueue(const Scrape& scrape, SampleSink& out) {
  for (const ReceiverStatus& receiver : scrape.self.receivers) {
    out.Add({receiver.name}, double(receiver.queued));
  }
}

void NotificationSuccess(const Scrape& scrape, SampleSink& out) {
  for (const ReceiverStatus& receiver : scrape.self.receivers) {
    if (receiver.last_success) out.Add({receiver.name}, Seconds(*receiver.last_success));
  }
}

void ScrapeRender(const Scrape& scrape, SampleSink& out) {
  if (scrape.last_render_seconds) out.Add({}, *scrape.last_render_seconds);
}

void CohortsLeftOut(const Scrape& scrape, SampleSink& out) {
  out.Add({}, double(scrape.cohorts_left_out));
}

void ExportedSamples(const Scrape& scrape, SampleSink& out) {
  out.Add({}, double(scrape.samples + 1));  // This one is the last.
}

}  // namespace

std::vector<Metric> ProcessMetrics() {
  return {
      {"guardwatch_build_info",
       kGauge,
       {"version", "revision", "compiler"},
       "Always 1; the labels say what is running.",
       BuildInfo},
      {"guardwatch_uptime_seconds", kGauge, {}, "Time since the process started.", Uptime},
      {"guardwatch_ready", kGauge, {}, "1 if the process reads its input and judges it.", Ready},
      {"guardwatch_resident_memory_bytes",
       kGauge,
       {},
       "Resident memory of the process.",
       ResidentMemory},
      {"guardwatch_config_last_reload_successful",
       kGauge,
       {},
       "1 if the latest load of the configuration succeeded.",
       ConfigReloadOk},
      {"guardwatch_config_last_reload_success_timestamp_seconds",
       kGauge,
       {},
       "When the configuration in force was loaded.",
       ConfigReloadTime},
      {"guardwatch_config_info",
       kGauge,
       {"hash"},
       "Always 1; the label names the configuration in force.",
       ConfigInfo},
      {"guardwatch_queue_depth",
       kGauge,
       {"queue"},
       "What waits in a queue between threads: batches, and the changes in them.",
       QueueDepth},
      {"guardwatch_queue_capacity",
       kGauge,
       {"queue"},
       "How many elements a queue can hold.",
       QueueCapacity},
      {"guardwatch_worker_busy_ratio",
       kGauge,
       {"worker"},
       "Share of its time that a worker did not wait for input, 0 to 1.",
       WorkerBusy},
      {"guardwatch_notifications_total",
       kCounter,
       {"receiver", "outcome"},
       "Notifications by what became of them: sent, failed (tried again), dropped.",
       Notifications},
      {"guardwatch_notification_queue_length",
       kGauge,
       {"receiver"},
       "Notifications waiting to be sent.",
       NotificationQueue},
      {"guardwatch_notification_last_success_timestamp_seconds",
       kGauge,
       {"receiver"},
       "When a receiver last took a notification.",
       NotificationSuccess},
      {"guardwatch_scrape_render_seconds",
       kGauge,
       {},
       "How long the previous exposition took to write.",
       ScrapeRender},
      {"guardwatch_cohort_series_left_out",
       kGauge,
       {},
       "Cohort series beyond the limit of a scrape; the API has them.",
       CohortsLeftOut},
      {"guardwatch_exported_series", kGauge, {}, "Samples in this exposition.", ExportedSamples},
  };
}

}  // namespace guardwatch
