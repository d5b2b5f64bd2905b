#include "expose/drift_evidence_json.h"

#include "base/duration.h"
#include "base/rfc3339.h"

namespace guardwatch {
namespace {

void WriteOne(JsonWriter& json, const DriftEvidence& drift) {
  json.BeginObject().Field("guardrail", drift.unit.guardrail);
  json.Field("category", drift.unit.category);
  json.Field("statistic", drift.stream).Field("model_version", drift.model_version);
  json.Field("dimension", drift.dimension).Key("cohorts").BeginArray();
  for (const auto& cohort : drift.cohorts) json.Value(cohort);
  json.EndArray().Field("direction", drift.direction).Field("detector", drift.detector);
  json.Field("verdict", drift.verdict).Field("detail", drift.detail);
  json.Field("pane", FormatRfc3339(PaneStart(drift.pane, drift.pane_width)));
  json.Field("pane_width", FormatDuration(drift.pane_width));
  json.Field("evidence", drift.evidence).Field("threshold", drift.threshold);
  json.Field("changed", FormatRfc3339(drift.changed)).Field("raised", FormatRfc3339(drift.raised));
  json.Field("usual", drift.usual);
  if (drift.reference_from < drift.reference_to) {
    json.Key("baseline").BeginObject().Field("from", FormatRfc3339(drift.reference_from));
    json.Field("to", FormatRfc3339(drift.reference_to)).Field("n", drift.reference_events);
    json.EndObject();
  }
  json.Key("input").BeginObject().Field("from", FormatRfc3339(drift.input_from));
  json.Field("to", FormatRfc3339(drift.input_to)).Key("logs").BeginArray();
  for (const LogRange& range : drift.input) {
    json.BeginObject().Field("topic", range.topic).Field("partition", range.partition);
    json.Field("first_offset", range.first).Field("last_offset", range.last).EndObject();
  }
  json.EndArray().EndObject().EndObject();
}

}  // namespace

void WriteDriftEvidence(JsonWriter& json, const std::vector<DriftEvidence>& evidence,
                        std::string_view alert) {
  json.BeginArray();
  for (const DriftEvidence& drift : evidence) {
    if (drift.alert == alert) WriteOne(json, drift);
  }
  json.EndArray();
}

}  // namespace guardwatch
