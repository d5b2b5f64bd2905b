#include <map>
#include <set>

#include "base/duration.h"
#include "base/json_writer.h"
#include "base/rfc3339.h"
#include "expose/drift_evidence_json.h"
#include "expose/guardrail_verdict.h"
#include "expose/json_api.h"
#include "expose/window_json.h"

namespace guardwatch {
namespace {

// Everything shown of one unit and variant.
struct Guardrail {
  std::map<std::string, std::optional<EventTime>> model_versions;  // With their last pane's end.
  std::vector<const RolledWindow*> windows;
};

using GuardrailKey = std::pair<UnitKey, Variant>;

void WriteWindowSummary(JsonWriter& json, const WindowView& window) {
  const Aggregate& total = window.total;
  json.BeginObject().Field("window", FormatDuration(window.window));
  json.Field("view", ToString(window.view)).Field("end", FormatRfc3339(window.end));
  json.Field("scored", total.scored).Field("decided", total.decided);
  json.Field("flagged", total.flagged).Field("labeled", total.labeled).Key("statistics");
  WriteStatistics(json, total, StatisticSet::kHeadline);
  json.EndObject();
}

void WriteEpochs(JsonWriter& json, const Snapshot& snapshot, const GuardrailKey& key) {
  json.Key("epochs").BeginArray();
  for (const EpochEvent& epoch : snapshot.epochs) {
    if (epoch.unit != key.first || epoch.variant != key.second) continue;
    json.BeginObject().Field("field", ToString(epoch.field)).Field("from", epoch.from);
    json.Field("to", epoch.to).Field("first_seen", epoch.first_seen);
    json.Field("at", FormatRfc3339(epoch.at)).EndObject();
  }
  json.EndArray();
}

void WriteAlerts(JsonWriter& json, const Snapshot& snapshot, const GuardrailKey& key) {
  json.Key("alerts").BeginArray();
  for (const Alert& alert : snapshot.alerts) {
    if (!Concerns(alert, key.first, key.second)) continue;
    json.BeginObject().Field("id", alert.id).Field("state", ToString(alert.state)).EndObject();
  }
  json.EndArray().Key("findings").BeginArray();
  for (const Finding& finding : snapshot.findings) {
    if (Concerns(finding, key.first)) json.Value(finding.kind);
  }
  json.EndArray();
}

void WriteGuardrail(JsonWriter& json, const Snapshot& snapshot, const GuardrailKey& key,
                    const Guardrail& guardrail) {
  const auto& [unit, variant] = key;
  const VerdictWithReason verdict = JudgeGuardrail(snapshot, unit, variant, guardrail.windows);
  json.BeginObject().Field("source", unit.source).Field("guardrail", unit.guardrail);
  json.Field("category", unit.category).Field("variant", ToString(variant));
  json.Field("verdict", ToString(verdict.verdict)).Field("reason", verdict.reason);
  json.Key("model_versions").BeginArray();
  for (const auto& [version, last] : guardrail.model_versions) {
    json.BeginObject().Field("model_version", version).Key("last_event");
    if (last) {
      json.Value(FormatRfc3339(*last));
    } else {
      json.Null();
    }
    json.EndObject();
  }
  json.EndArray().Key("windows").BeginArray();
  for (const RolledWindow* rolled : guardrail.windows) WriteWindowSummary(json, rolled->window);
  json.EndArray();
  WriteAlerts(json, snapshot, key);
  WriteEpochs(json, snapshot, key);
  json.EndObject();
}

std::string_view LabelOf(const Alert& alert, const char* name) {
  const auto at = alert.labels.find(name);
  return at == alert.labels.end() ? std::string_view() : std::string_view(at->second);
}

bool Matches(const AlertFilter& filter, const Alert& alert) {
  const SeriesFilter& series = filter.series;
  const auto is = [&](const char* name, std::string_view wanted) {
    return LabelOf(alert, name) == wanted;
  };
  return (series.source.empty() || is("source", series.source)) &&
         (series.guardrail.empty() || is("guardrail", series.guardrail)) &&
         (!series.category || is("category", *series.category)) &&
         (!series.variant || is("variant", ToString(*series.variant))) &&
         (filter.state.empty() || ToString(alert.state) == filter.state);
}

void WriteTexts(JsonWriter& json, std::string_view key,
                const std::map<std::string, std::string>& texts) {
  json.Key(key).BeginObject();
  for (const auto& [name, text] : texts) json.Field(name, text);
  json.EndObject();
}

template <class Time>
void WriteTime(JsonWriter& json, std::string_view key, const std::optional<Time>& time) {
  json.Key(key);
  if (time) {
    json.Value(FormatRfc3339(*time));
  } else {
    json.Null();
  }
}

}  // namespace

std::string GuardrailsJson(const Snapshot& snapshot, const SeriesFilter& filter) {
  WindowQuery wholes{.series = filter, .window = {}, .view = {}, .at = {}};
  wholes.series.slice = Slice{};
  wholes.series.model_version.reset();
  const std::vector<RolledWindow> rolled = RollUp(SelectWindows(snapshot, wholes));

  std::map<GuardrailKey, Guardrail> guardrails;
  for (const auto& series : snapshot.series) {
    if (!wholes.series.Matches(series->key)) continue;
    guardrails[{series->key.unit, series->key.variant}].model_versions[series->key.model_version] =
        series->last_event_pane_end;
  }
  for (const RolledWindow& window : rolled) {
    guardrails[{window.unit, window.variant}].windows.push_back(&window);
  }
  JsonWriter json;
  json.BeginObject().Key("guardrails").BeginArray();
  for (const auto& [key, guardrail] : guardrails) WriteGuardrail(json, snapshot, key, guardrail);
  json.EndArray().EndObject();
  return json.Take();
}

std::string AlertsJson(const Snapshot& snapshot, const AlertFilter& filter) {
  JsonWriter json;
  json.BeginObject().Key("alerts").BeginArray();
  for (const Alert& alert : snapshot.alerts) {
    if (!Matches(filter, alert)) continue;
    json.BeginObject().Field("id", alert.id).Field("state", ToString(alert.state));
    WriteTexts(json, "labels", alert.labels);
    WriteTexts(json, "annotations", alert.annotations);
    json.Field("pending_since", FormatRfc3339(alert.pending_since));
    WriteTime(json, "firing_since", alert.firing_since);
    WriteTime(json, "resolved_at", alert.resolved_at);
    json.Key("value");
    if (alert.value) {
      json.Value(*alert.value);
    } else {
      json.Null();
    }
    json.Field("n", alert.n).Key("drift");
    WriteDriftEvidence(json, snapshot.drift_evidence, alert.id);
    json.EndObject();
  }
  json.EndArray().EndObject();
  return json.Take();
}

std::string FindingsJson(const Snapshot& snapshot, const SeriesFilter& filter) {
  JsonWriter json;
  json.BeginObject().Key("findings").BeginArray();
  for (const Finding& finding : snapshot.findings) {
    if (!filter.source.empty() && filter.source != finding.source) continue;
    if (!filter.guardrail.empty() && filter.guardrail != finding.guardrail) continue;
    if (filter.category && *filter.category != finding.category) continue;
    json.BeginObject().Field("kind", finding.kind).Field("severity", ToString(finding.severity));
    json.Field("source", finding.source).Field("guardrail", finding.guardrail);
    json.Field("category", finding.category).Field("subject", finding.subject);
    json.Field("summary", finding.summary);
    WriteTime(json, "since", finding.since);
    WriteTime(json, "since_wall", finding.since_wall);
    json.EndObject();
  }
  json.EndArray().EndObject();
  return json.Take();
}

std::string ErrorJson(std::string_view code, std::string_view message) {
  JsonWriter json;
  json.BeginObject().Key("error").BeginObject();
  json.Field("code", code).Field("message", message).EndObject().EndObject();
  return json.Take();
}

}  // namespace guardwatch
