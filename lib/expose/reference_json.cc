#include "expose/reference_json.h"

#include <algorithm>

#include "base/duration.h"
#include "base/rfc3339.h"
#include "expose/window_json.h"
#include "window/statistics_reference.h"
#include "window/statistics_stratified.h"

namespace guardwatch {
namespace {

EventTime StartOf(const WindowView& window) { return window.end - window.window; }

Duration Overlap(const WindowView& a, const WindowView& b) {
  return std::max(Duration{}, std::min(a.end, b.end) - std::max(StartOf(a), StartOf(b)));
}

}  // namespace

HeldAgainst HoldAgainst(const WindowView& live, const RolledWindow& reference) {
  HeldAgainst held;
  held.reference = reference.window.total;
  const int m = live.total->histogram.m();
  ScoreHistogram& scores = held.reference.histogram;
  if (!live.total->histogram.empty() && scores.m() > m) scores = scores.Coarsened(scores.m());
  const Duration shared = Overlap(live, reference.window);
  held.without_this_window = shared == live.window;
  if (held.without_this_window) held.reference -= live.total;
  held.values = AgainstReference(live.total, held.reference);
  if (shared == Duration{} || held.without_this_window) return held;
  for (std::size_t i = 0; i < held.values.size(); ++i) {
    if (!ReferenceStatistics()[i].distance || !held.values[i].value) continue;
    held.values[i] = {};
    held.values[i].n = live.total->scored;
    held.values[i].reason = "overlap";
  }
  return held;
}

void WriteReference(JsonWriter& json, const WindowView& live, const RolledWindow* reference) {
  json.Key("reference");
  if (reference == nullptr) {
    json.Null();
    return;
  }
  const WindowView& window = reference->window;
  const HeldAgainst held = HoldAgainst(live, *reference);
  json.BeginObject().Field("window", FormatDuration(window.window));
  json.Field("view", ToString(window.view)).Field("start", FormatRfc3339(StartOf(window)));
  json.Field("end", FormatRfc3339(window.end)).Key("model_versions").BeginArray();
  for (const std::string& version : reference->model_versions) json.Value(version);
  json.EndArray().Field("without_this_window", held.without_this_window);
  json.Field("scored", held.reference.scored).Field("labeled", held.reference.labeled);
  json.Field("positive", held.reference.positive).Key("statistics").BeginObject();
  for (std::size_t i = 0; i < held.values.size(); ++i) {
    json.Key(ReferenceStatistics()[i].name);
    WriteStatistic(json, held.values[i]);
  }
  json.EndObject().EndObject();
}

void WriteStratified(JsonWriter& json, const std::vector<CohortParts>& dimensions) {
  if (dimensions.empty()) return;
  json.Key("stratified_by").BeginObject();
  for (const CohortParts& dimension : dimensions) {
    const StratifiedStatistics values = StratifyByCohort(dimension.parts);
    json.Key(dimension.dimension).BeginObject().Key("prevalence");
    WriteStatistic(json, values.prevalence);
    json.Key("precision");
    WriteStatistic(json, values.precision);
    json.Key("recall");
    WriteStatistic(json, values.recall);
    json.Key("f1");
    WriteStatistic(json, values.f1);
    json.EndObject();
  }
  json.EndObject();
}

}  // namespace guardwatch
