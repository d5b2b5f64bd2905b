#include "base/json_writer.h"
#include "expose/json_api.h"
#include "expose/window_json.h"
#include "stats/operating_curve.h"

namespace guardwatch {
namespace {

void WriteRate(JsonWriter& json, std::string_view name, const std::optional<double>& rate) {
  json.Key(name);
  if (rate) {
    json.Value(*rate);
  } else {
    json.Null();
  }
}

void WriteCounts(JsonWriter& json, const ClassCounts& counts) {
  json.Field("true_positive", counts.true_positive);
  json.Field("false_positive", counts.false_positive);
  WriteRate(json, "recall", counts.Recall());
  WriteRate(json, "false_positive_rate", counts.FalsePositiveRate());
  WriteRate(json, "precision", counts.Precision());
}

void WritePoint(JsonWriter& json, const OperatingPoint& point) {
  json.BeginObject().Key("threshold");
  if (point.threshold_q <= kScoreOne) {
    json.Value(Score{point.threshold_q}.probability());
  } else {
    json.Null();  // Above every score: nothing is flagged.
  }
  WriteCounts(json, point.counts);
  json.EndObject();
}

void WriteCurve(JsonWriter& json, const Aggregate& total) {
  json.Key("points").BeginArray();
  if (const auto curve = OperatingCurve(total.histogram, total.histogram.m())) {
    for (const OperatingPoint& point : *curve) WritePoint(json, point);
  }
  json.EndArray().Key("in_force").BeginObject();
  WriteCounts(
      json, {total.true_positive, total.false_positive, total.true_negative, total.false_negative});
  json.EndObject();
  for (const char* name :
       {"roc_auc", "average_precision", "prevalence", "best_f1", "best_f1_threshold"}) {
    json.Key(name);
    WriteStatistic(json, FindStatistic(name)->compute(total));
  }
}

}  // namespace

std::string CurvesJson(const std::vector<WindowRef>& windows) {
  JsonWriter json;
  json.BeginObject().Key("curves").BeginArray();
  for (const RolledWindow& rolled : RollUp(windows)) {
    json.BeginObject();
    WriteRolledFields(json, rolled);
    json.Key("slice");
    WriteSlice(json, rolled.slice);
    WriteCurve(json, rolled.window.total);
    json.EndObject();
  }
  json.EndArray().EndObject();
  return json.Take();
}

}  // namespace guardwatch
