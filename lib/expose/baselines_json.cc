#include "base/json_writer.h"
#include "base/rfc3339.h"
#include "expose/baseline_sets_json.h"
#include "expose/json_api.h"
#include "expose/names.h"

namespace guardwatch {
namespace {

void WriteFactor(JsonWriter& json, std::string_view key, const std::optional<double>& factor) {
  json.Key(key);
  if (factor) {
    json.Value(*factor);
  } else {
    json.Null();
  }
}

bool Matches(const SeriesFilter& filter, const DriftView& view) {
  return filter.Matches({view.unit, view.model_version, view.variant, Slice{}});
}

}  // namespace

std::string BaselinesJson(const Snapshot& snapshot, const SeriesFilter& filter, bool whole) {
  JsonWriter json;
  json.BeginObject().Field("budget", snapshot.drift_budget).Key("baselines").BeginArray();
  for (const DriftView& view : snapshot.drift) {
    if (!Matches(filter, view)) continue;
    json.BeginObject().Field("source", view.unit.source).Field("guardrail", view.unit.guardrail);
    json.Field("category", view.unit.category).Field("model_version", view.model_version);
    json.Field("variant", ToString(view.variant)).Field("stream", view.stream);
    json.Field("state", view.state).Field("missing", view.missing);
    json.Field("drifting", view.drifting);
    if (view.threshold > 0) {
      json.Field("usual", view.usual).Field("unchanged_low", view.unchanged_low);
      json.Field("unchanged_high", view.unchanged_high).Field("n", view.reference_events);
      json.Field("learned_from", FormatRfc3339(view.reference_from));
      json.Field("learned_to", FormatRfc3339(view.reference_to));
      json.Field("dispersion", view.dispersion).Field("tolerance", view.tolerance);
      json.Field("evidence", view.evidence).Field("threshold", view.threshold);
      WriteFactor(json, "smallest_rise_seen_in_a_day", view.detectable_rise);
      WriteFactor(json, "smallest_fall_seen_in_a_day", view.detectable_fall);
    }
    json.EndObject();
  }
  json.EndArray();
  if (whole) WriteBaselineSets(json, snapshot, filter);
  json.EndObject();
  return json.Take();
}

}  // namespace guardwatch
