#include "dry_run.h"

#include <ostream>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "base/rfc3339.h"
#include "expose/drift_evidence_json.h"
#include "expose/drift_states.h"

namespace guardwatch {
namespace {

std::vector<const Alert*> Fired(const Snapshot& snapshot) {
  std::vector<const Alert*> fired;
  for (const Alert& alert : snapshot.alerts) {
    if (alert.fired > 0) fired.push_back(&alert);
  }
  return fired;
}

std::int64_t Pages(const std::vector<const Alert*>& fired) {
  std::int64_t pages = 0;
  for (const Alert* alert : fired) pages += alert->fired;
  return pages;
}

std::string Annotation(const Alert& alert, const std::string& name) {
  const auto at = alert.annotations.find(name);
  return at == alert.annotations.end() ? "" : at->second;
}

void WriteJson(const std::vector<const Alert*>& fired, const Snapshot& snapshot,
               std::ostream& out) {
  JsonWriter json;
  json.BeginObject().Field("would_have_paged", Pages(fired)).Key("alerts").BeginArray();
  for (const Alert* alert : fired) {
    json.BeginObject().Field("id", alert->id).Field("times", alert->fired);
    json.Key("labels").BeginObject();
    for (const auto& [name, value] : alert->labels) json.Field(name, value);
    json.EndObject().Key("annotations").BeginObject();
    for (const auto& [name, value] : alert->annotations) json.Field(name, value);
    json.EndObject().Field("state", ToString(alert->state));
    if (alert->firing_since) json.Field("firing_since", FormatRfc3339(*alert->firing_since));
    if (alert->resolved_at) json.Field("resolved_at", FormatRfc3339(*alert->resolved_at));
    json.Key("drift");
    WriteDriftEvidence(json, snapshot.drift_evidence, alert->id);
    json.EndObject();
  }
  json.EndArray().Field("budget", snapshot.drift_budget).Key("detectors").BeginObject();
  for (const auto& [state, count] : CountDriftStates(snapshot.drift)) json.Field(state, count);
  json.EndObject().EndObject();
  out << json.Take() << '\n';
}

}  // namespace

void WriteDryRun(const ReplayResult& result, bool json, std::ostream& out) {
  const std::vector<const Alert*> fired = Fired(*result.snapshot);
  if (json) return WriteJson(fired, *result.snapshot, out);
  const std::int64_t pages = Pages(fired);
  out << "would have paged " << pages << (pages == 1 ? " time\n" : " times\n");
  for (const Alert* alert : fired) {
    out << '\n' << alert->labels.at("alertname");
    if (alert->firing_since) out << ", firing since " << FormatRfc3339(*alert->firing_since);
    if (alert->resolved_at) out << ", resolved at " << FormatRfc3339(*alert->resolved_at);
    if (alert->fired > 1) out << ", " << alert->fired << " times";
    out << "\n  " << Annotation(*alert, "summary") << "\n  " << Annotation(*alert, "description")
        << "\n  " << Annotation(*alert, "evidence") << '\n';
  }
  if (result.snapshot->drift_budget.empty()) return;
  out << '\n' << result.snapshot->drift_budget << "\nDrift detectors at the end:";
  for (const auto& [state, count] : CountDriftStates(result.snapshot->drift)) {
    out << (state == "armed" ? " " : ", ") << count << ' ' << state;
  }
  out << '\n';
}

}  // namespace guardwatch
