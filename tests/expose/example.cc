#include "example.h"

#include "support/snapshot_builder.h"

namespace guardwatch {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr WindowViewKind kCurrent = WindowViewKind::kCurrent;
constexpr WindowViewKind kMatured = WindowViewKind::kMatured;

SeriesKey Key(std::string guardrail, std::string category, std::string model, Variant variant,
              Slice slice = {}) {
  return {{"gateway", std::move(guardrail), std::move(category)},
          std::move(model),
          variant,
          std::move(slice)};
}

std::vector<WindowView> Windows(const Aggregate& recent, const Aggregate& day) {
  return {{minutes(5), kCurrent, At("2026-11-22T10:05:00Z"), recent},
          {hours(1), kCurrent, At("2026-11-22T10:05:00Z"), day},
          {hours(1), kMatured, At("2026-11-21T03:00:00Z"), day}};
}

Aggregate Recent() {
  return AggregateBuilder()
      .Scores(90, 0.1)
      .Scores(6, 0.78)
      .Scores(4, 0.95)
      .Labels(2, 0.1, false)
      .Latency(60, 4.0)
      .Latency(2, 9000.0)
      .Errors(3)
      .InvalidScores(1)
      .Build();
}

Aggregate Day() {
  Aggregate day = AggregateBuilder()
                      .Scores(900, 0.1)
                      .Scores(60, 0.78)
                      .Scores(40, 0.95)
                      .Labels(180, 0.1, false)
                      .Labels(10, 0.1, true)
                      .Labels(20, 0.78, true)
                      .Labels(9, 0.78, false)
                      .Labels(30, 0.95, true)
                      .Labels(3, 0.95, false)
                      .Build();
  // Half of what was flagged was reviewed, and one in twenty of the rest.
  for (int i = 0; i < 33; ++i) day.weighted.AddDecision(2u << 24, true, i < 30, 1);
  for (int i = 0; i < 219; ++i) day.weighted.AddDecision(20u << 24, false, i < 30, 1);
  return day;
}

Aggregate CohortDay(int scale) {
  return AggregateBuilder(score_grid::kCoarse)
      .Scores(30 * scale, 0.1)
      .Scores(4 * scale, 0.95)
      .Labels(5 * scale, 0.1, false)
      .Labels(3 * scale, 0.95, true)
      .Labels(scale, 0.95, false)
      .Build();
}

SeriesView Hate(std::string model, Aggregate recent, Aggregate day) {
  SeriesView series;
  series.key = Key("toxicity-1", "hate", std::move(model), Variant::kLive);
  series.windows = Windows(recent, day);
  series.scored_total = 12'345;
  series.verdicts_total = {11'000, 700, 500, 100, 20, 25};
  series.last_event_pane_end = At("2026-11-22T10:05:00Z");
  return series;
}

LogView EventLog(std::int32_t partition) {
  LogView log;
  log.topic = "guardrail.events";
  log.partition = partition;
  log.state = partition == 0 ? LogState::kActive : LogState::kUnavailable;
  log.next_offset = 1000 + partition;
  log.progress = At("2026-11-22T10:06:03.5Z");
  log.counters.accepted = {500, 20, 0, 480};
  log.counters.rejected[static_cast<std::size_t>(RejectReason::kMalformedJson)] = 3;
  log.counters.late = {5, 4, 3, 2, 1, 1};
  log.counters.late_for_sealed = 2;
  log.counters.duplicates = 7;
  log.counters.bytes = 123'456'789;
  if (partition == 0) {
    log.last_rejects = {{RejectReason::kMalformedJson, 998, WallAt("2026-11-22T10:06:00.25Z")}};
  }
  return log;
}

SourceView Gateway() {
  SourceView source;
  source.name = "gateway";
  source.watermarks = {At("2026-11-22T10:05:03.5Z"), At("2026-11-22T04:00:00Z")};
  source.sealed_through = At("2026-11-22T10:05:00Z");
  source.matured_through = At("2026-11-21T03:59:50Z");
  source.held_back_by = "guardrail.events/1";
  LogView labels;
  labels.topic = "guardrail.labels";
  labels.carries = {.scores = false, .decisions = false, .labels = true};
  source.logs = {EventLog(0), EventLog(1), labels};
  source.labels = {{"toxicity-1", "hate", {200, 5, 1, 2, 3, 4, 5, 6, 7, 8, 9}}};
  source.decisions = {.joined = 1, .late = 2, .agreement = 3, .disagreement = 4, .orphan = 5};
  source.identity_in_two_logs = 1;
  source.late_for_sealed = 4;
  source.folded_events = 11;
  source.pending = 4321;
  source.pending_bytes = 138'272;
  source.horizon_limit = std::chrono::hours(6);
  return source;
}

Alert BandWide(AlertState state, std::string value) {
  Alert alert;
  alert.labels = {{"alertname", "ToxicityBandWide"}, {"severity", "page"}, {"source", "gateway"},
                  {"guardrail", "toxicity-1"},       {"category", "hate"}, {"variant", "live"},
                  {"statistic", "band_share"},       {"window", "5m"}};
  if (!value.empty()) alert.labels.insert({{"dimension", "lang"}, {"value", std::move(value)}});
  alert.annotations = {{"summary", "Band share is above 0.05."}};
  alert.state = state;
  alert.pending_since = At("2026-11-22T10:01:00Z");
  if (state != AlertState::kPending) alert.firing_since = At("2026-11-22T10:03:00Z");
  if (state == AlertState::kResolved) alert.resolved_at = At("2026-11-22T10:04:30Z");
  alert.value = 0.06;
  alert.n = 100;
  return alert;
}

Finding LogUnavailable() {
  Finding finding;
  finding.kind = "log_unavailable";
  finding.severity = Finding::Severity::kCritical;
  finding.source = "gateway";
  finding.subject = "guardrail.events/1";
  finding.summary = "guardrail.events/1 cannot be read since 10:00; look at its broker.";
  finding.since_wall = WallAt("2026-11-22T10:00:00Z");
  return finding;
}

}  // namespace

Snapshot ExampleSnapshot() {
  SourceView empty;  // Nothing was read from it yet.
  empty.name = "batch";
  empty.catching_up = true;

  // A name that needs escapes wherever it goes.
  Aggregate decisions_only;
  decisions_only.decided = 40;
  decisions_only.flagged = 10;
  decisions_only.sampled = 40;
  decisions_only.labeled = 8;
  decisions_only.positive = 4;
  decisions_only.true_positive = 4;
  decisions_only.true_negative = 4;

  return SnapshotBuilder("2026-11-22T10:06:05Z")
      .Source(Gateway())
      .Source(empty)
      .Series(Key("pii \"strict\"\\\n", "", "rules", Variant::kLive),
              Windows(decisions_only, decisions_only))
      .Series(Hate("tox-v11", Aggregate{}, Day()))
      .Series(Hate("tox-v12", Recent(), Day()))
      .Series(Key("toxicity-1", "hate", "tox-v12", Variant::kLive, {"lang", "de"}),
              Windows(CohortDay(1), CohortDay(3)))
      .Series(Key("toxicity-1", "hate", "tox-v12", Variant::kLive, {"lang", "en"}),
              Windows(Aggregate{}, CohortDay(2)))
      .Series(Key("toxicity-1", "hate", "tox-v13", Variant::kCandidate),
              Windows(Recent(), Recent()))
      .WithAlert(BandWide(AlertState::kFiring, ""))
      .WithAlert(BandWide(AlertState::kPending, "de"))
      .WithAlert(BandWide(AlertState::kResolved, "en"))
      .WithFinding(LogUnavailable())
      .WithEpoch({{"gateway", "toxicity-1", "hate"},
                  Variant::kLive,
                  EpochTally::Field::kModelVersion,
                  "tox-v11",
                  "tox-v12",
                  true,
                  At("2026-11-22T09:30:00Z")})
      .WithEpoch({{"gateway", "toxicity-1", "hate"},
                  Variant::kLive,
                  EpochTally::Field::kModelVersion,
                  "tox-v11",
                  "tox-v12",
                  false,
                  At("2026-11-22T09:31:00Z")})
      .NotificationsHeld()
      .Build();
}

SelfMetrics ExampleSelf() {
  SelfMetrics self;
  self.version = "0.1.0";
  self.revision = "abcdef0";
  self.compiler = "g++ 12.2";
  self.started_at = WallAt("2026-11-22T09:00:00Z");
  self.now = WallAt("2026-11-22T10:06:05.5Z");
  self.not_ready_reason = "source batch has not been reached yet";
  self.config_hash = "0123456789abcdef";
  self.config_loaded_at = WallAt("2026-11-22T09:00:00.125Z");
  self.queues = {{"ingest", 3, 64}};
  self.workers = {{"worker-0", 0.25}, {"worker-1", 0.5}};
  self.lags = {{"gateway", "guardrail.events", 0, 17}};
  self.receivers = {{.name = "alertmanager",
                     .sent = 10,
                     .failed = 2,
                     .dropped = 1,
                     .queued = 4,
                     .last_success = WallAt("2026-11-22T10:05:59Z"),
                     .last_error = "http://localhost:9093: connection refused"},
                    {.name = "log", .last_success = {}, .last_error = {}}};
  CheckpointMetrics& checkpoint = self.checkpoint.emplace();
  checkpoint.path = "/var/lib/guardwatch";
  checkpoint.age = std::chrono::milliseconds(2500);
  checkpoint.duration = std::chrono::milliseconds(40);
  checkpoint.bytes = 120'000;
  checkpoint.written = 790;
  checkpoint.failed = 1;
  self.resident_bytes = 123 << 20;
  return self;
}

}  // namespace guardwatch
