#include <algorithm>
#include <map>
#include <string>

#include "base/duration.h"
#include "base/json_writer.h"
#include "base/rfc3339.h"
#include "expose/drift_states.h"
#include "expose/json_api.h"
#include "expose/names.h"

namespace guardwatch {
namespace {

void TimeField(JsonWriter& json, std::string_view key, EventTime time) {
  json.Key(key);
  if (IsKnown(time)) {
    json.Value(FormatRfc3339(time));
  } else {
    json.Null();
  }
}

template <class Time>
void TimeField(JsonWriter& json, std::string_view key, const std::optional<Time>& time) {
  json.Key(key);
  if (time) {
    json.Value(FormatRfc3339(*time));
  } else {
    json.Null();
  }
}

// Every name with its number, zeros too: a client need not know what may be absent.
template <class Enum, std::size_t kSize>
void CountsObject(JsonWriter& json, std::string_view key,
                  const std::array<std::int64_t, kSize>& counts) {
  json.Key(key).BeginObject();
  for (std::size_t i = 0; i < kSize; ++i) json.Field(ToString(static_cast<Enum>(i)), counts[i]);
  json.EndObject();
}

void WriteCounters(JsonWriter& json, const LogCounters& counters) {
  json.Key("counters").BeginObject();
  CountsObject<EventKind>(json, "accepted", counters.accepted);
  CountsObject<RejectReason>(json, "rejected", counters.rejected);
  json.Key("late").BeginObject();
  for (std::size_t i = 0; i < kLateAgeNames.size(); ++i) {
    json.Field(kLateAgeNames[i], counters.late[i]);
  }
  json.EndObject();
  json.Field("late_for_sealed", counters.late_for_sealed);
  json.Field("duplicates", counters.duplicates).Field("bytes", counters.bytes).EndObject();
}

void WriteCarries(JsonWriter& json, const CarriedKinds& carries) {
  json.Key("carries").BeginArray();
  if (carries.scores) json.Value("scores");
  if (carries.decisions) json.Value("decisions");
  if (carries.labels) json.Value("labels");
  json.EndArray();
}

// Of the slowest of the workers that read the log.
const LogLag* FindLag(const SelfMetrics& self, const SourceView& source, const LogView& log) {
  const LogLag* slowest = nullptr;
  for (const LogLag& lag : self.lags) {
    if (lag.source != source.name || lag.topic != log.topic || lag.partition != log.partition) {
      continue;
    }
    if (slowest == nullptr || slowest->records < lag.records) slowest = &lag;
  }
  return slowest;
}

void WriteLog(JsonWriter& json, const SourceView& source, const LogView& log,
              const SelfMetrics& self) {
  json.BeginObject().Field("topic", log.topic).Field("partition", log.partition);
  WriteCarries(json, log.carries);
  json.Field("state", LogStateName(log.state)).Field("next_offset", log.next_offset);
  json.Key("lag");
  if (const LogLag* lag = FindLag(self, source, log)) {
    json.Value(lag->records);
  } else {
    json.Null();
  }
  TimeField(json, "progress", log.progress);
  WriteCounters(json, log.counters);
  json.Key("last_rejects").BeginArray();
  for (const LastReject& reject : log.last_rejects) {
    json.BeginObject().Field("reason", ToString(reject.reason)).Field("topic", log.topic);
    json.Field("partition", log.partition).Field("offset", reject.offset);
    json.Field("at", FormatRfc3339(reject.at)).EndObject();
  }
  json.EndArray().Field("resets", log.reset_count).Key("last_resets").BeginArray();
  for (const LogReset& reset : log.resets) {
    json.BeginObject().Field("reason", ToString(reset.reason)).Field("from", reset.from);
    json.Field("to", reset.to).Field("at", FormatRfc3339(reset.at)).EndObject();
  }
  json.EndArray().Field("behind_open_transaction", log.stuck).EndObject();
}

void WriteLabelsAndDecisions(JsonWriter& json, const SourceView& source) {
  json.Key("labels").BeginArray();
  for (const LabelOutcomeView& unit : source.labels) {
    json.BeginObject().Field("guardrail", unit.guardrail).Field("category", unit.category);
    CountsObject<LabelOutcome>(json, "outcomes", unit.outcomes);
    json.EndObject();
  }
  json.EndArray();
  const DecisionOutcomes& decisions = source.decisions;
  json.Key("decision_events").BeginObject().Field("joined", decisions.joined);
  json.Field("late", decisions.late).Field("agreement", decisions.agreement);
  json.Field("disagreement", decisions.disagreement).Field("orphan", decisions.orphan).EndObject();
}

void WriteSource(JsonWriter& json, const SourceView& source, const SelfMetrics& self) {
  json.BeginObject().Field("name", source.name).Key("watermarks").BeginObject();
  TimeField(json, "scores", source.watermarks.scores);
  TimeField(json, "labels", source.watermarks.labels);
  json.EndObject();
  TimeField(json, "sealed_through", source.sealed_through);
  TimeField(json, "matured_through", source.matured_through);
  json.Field("held_back_by", source.held_back_by).Field("catching_up", source.catching_up);
  json.Field("pending", source.pending).Field("pending_bytes", source.pending_bytes);
  json.Key("label_horizon_limit");
  if (source.horizon_limit) {
    json.Value(FormatDuration(*source.horizon_limit));
  } else {
    json.Null();
  }
  json.Field("folded_events", source.folded_events);
  json.Field("identity_in_two_logs", source.identity_in_two_logs);
  json.Field("late_for_sealed", source.late_for_sealed);
  WriteLabelsAndDecisions(json, source);
  json.Key("logs").BeginArray();
  for (const LogView& log : source.logs) WriteLog(json, source, log, self);
  json.EndArray().EndObject();
}

void WriteProcess(JsonWriter& json, const SelfMetrics& self) {
  json.Field("version", self.version).Field("revision", self.revision);
  json.Field("compiler", self.compiler).Field("now", FormatRfc3339(self.now));
  json.Field("started_at", FormatRfc3339(self.started_at));
  json.Field("uptime_seconds", double(self.uptime().count()) / 1e6);
  json.Field("ready", self.ready).Field("not_ready_reason", self.not_ready_reason);
  json.Field("resident_bytes", self.resident_bytes).Key("config").BeginObject();
  json.Field("hash", self.config_hash).Field("last_reload_ok", self.config_reload_ok);
  TimeField(json, "loaded_at", self.config_loaded_at);
  json.EndObject();

  if (self.checkpoint) {
    const CheckpointMetrics& checkpoint = *self.checkpoint;
    json.Key("storage").BeginObject().Field("path", checkpoint.path);
    json.Field("checkpoint_age_seconds", double(checkpoint.age.count()) / 1e6);
    json.Field("checkpoint_duration_seconds", double(checkpoint.duration.count()) / 1e6);
    json.Field("checkpoint_bytes", checkpoint.bytes).Field("written", checkpoint.written);
    json.Field("failed", checkpoint.failed).Field("last_error", checkpoint.last_error).EndObject();
  }
  json.Key("queues").BeginArray();
  for (const QueueStatus& queue : self.queues) {
    json.BeginObject().Field("name", queue.name).Field("depth", queue.depth);
    json.Field("capacity", queue.capacity).EndObject();
  }
  json.EndArray().Key("workers").BeginArray();
  for (const WorkerStatus& worker : self.workers) {
    json.BeginObject()
        .Field("name", worker.name)
        .Field("busy_ratio", worker.busy_ratio)
        .EndObject();
  }
  json.EndArray().Key("receivers").BeginArray();
  for (const ReceiverStatus& receiver : self.receivers) {
    json.BeginObject().Field("name", receiver.name).Field("sent", receiver.sent);
    json.Field("failed", receiver.failed).Field("dropped", receiver.dropped);
    json.Field("queued", receiver.queued);
    TimeField(json, "last_success", receiver.last_success);
    json.Field("last_error", receiver.last_error).Field("circuit", receiver.circuit).EndObject();
  }
  json.EndArray();
}

void WriteDrift(JsonWriter& json, const Snapshot& snapshot) {
  const auto drifting = std::count_if(snapshot.drift.begin(), snapshot.drift.end(),
                                      [](const DriftView& view) { return view.drifting; });
  json.Key("drift").BeginObject().Field("budget", snapshot.drift_budget);
  if (const auto& shares = snapshot.drift_shares) {
    const BudgetDemand& demand = shares->demand();
    json.Field("false_alarms_per_30d_at_most", snapshot.drift_spent);
    json.Field("false_alarms_per_30d", shares->false_alarms());
    json.Field("units", demand.units).Field("statistics", demand.statistics);
    json.Field("versions", demand.versions).Field("cohorts", demand.cohorts);
  }
  for (const auto& [state, count] : CountDriftStates(snapshot.drift)) json.Field(state, count);
  json.Field("drifting", std::int64_t{drifting}).EndObject();
}

}  // namespace

std::string StatusJson(const Snapshot& snapshot, const SelfMetrics& self) {
  JsonWriter json;
  json.BeginObject().Field("at", FormatRfc3339(snapshot.at));
  WriteProcess(json, self);
  json.Key("sources").BeginArray();
  for (const auto& source : snapshot.sources) WriteSource(json, *source, self);
  json.EndArray().Key("limits").BeginObject();
  json.Field("series", std::uint64_t{snapshot.series.size()});
  json.Field("series_limit", snapshot.series_limit).EndObject();
  WriteDrift(json, snapshot);
  json.Field("notifications_held", snapshot.notifications_held);
  json.Field("findings", std::uint64_t{snapshot.findings.size()});
  json.Field("alerts", std::uint64_t{snapshot.alerts.size()}).EndObject();
  return json.Take();
}

}  // namespace guardwatch
