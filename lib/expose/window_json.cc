#include "expose/window_json.h"

#include <cmath>

#include "base/duration.h"
#include "base/rfc3339.h"

namespace guardwatch {
namespace {

double SevenDecimals(double value) { return std::round(value * 1e7) / 1e7; }

void WriteCounts(JsonWriter& json, const Aggregate& total) {
  json.Key("counts").BeginObject();
  json.Field("scored", total.scored).Field("decided", total.decided);
  json.Field("flagged", total.flagged).Field("with_threshold", total.with_threshold);
  json.Field("in_band", total.in_band).Field("errors", total.errors);
  json.Field("undecided", total.undecided).Field("saturated", total.saturated);
  json.Field("invalid_scores", total.invalid_scores).EndObject();

  json.Key("labels").BeginObject();
  json.Field("labeled", total.labeled).Field("positive", total.positive);
  json.Field("unlabeled", total.unlabeled()).EndObject();

  json.Key("confusion").BeginObject();
  json.Field("true_positive", total.true_positive).Field("false_positive", total.false_positive);
  json.Field("true_negative", total.true_negative).Field("false_negative", total.false_negative);
  json.EndObject();
}

// Sums may need more than the 53 bits a JSON reader can be trusted with: decimal strings.
void WriteSums(JsonWriter& json, const Aggregate& total) {
  json.Key("sums").BeginObject();
  json.Field("score_q", total.score_q).Field("score_q_squared", total.score_q_squared);
  json.Field("loss", total.loss).EndObject();
}

void WriteReliability(JsonWriter& json, const ReliabilityBins& bins) {
  json.Key("reliability").BeginArray();
  for (int i = 0; i < kReliabilityBins; ++i) {
    const ReliabilityBin bin = bins[i];
    json.BeginObject().Field("bin", i);
    json.Field("lower", ReliabilityLower(i)).Field("upper", ReliabilityUpper(i));
    json.Field("labeled", bin.labeled).Field("positive", bin.positive);
    json.Field("score_q", Int128{bin.score_q}).EndObject();
  }
  json.EndArray();
}

void WriteBody(JsonWriter& json, const WindowView& window) {
  json.Field("view", ToString(window.view)).Field("end", FormatRfc3339(window.end));
  WriteCounts(json, window.total);
  WriteSums(json, window.total);
  WriteReliability(json, window.total.reliability);
  json.Key("statistics");
  WriteStatistics(json, window.total);
}

}  // namespace

double ReliabilityLower(int bin) { return SevenDecimals(double(bin) / kReliabilityBins); }
double ReliabilityUpper(int bin) { return SevenDecimals(double(bin + 1) / kReliabilityBins); }

void WriteSlice(JsonWriter& json, const Slice& slice) {
  json.BeginObject();
  if (!slice.whole()) json.Field(slice.dimension, slice.value);
  json.EndObject();
}

void WriteSeriesFields(JsonWriter& json, const SeriesKey& key) {
  json.Field("source", key.unit.source).Field("guardrail", key.unit.guardrail);
  json.Field("category", key.unit.category).Field("model_version", key.model_version);
  json.Field("variant", ToString(key.variant)).Key("slice");
  WriteSlice(json, key.slice);
}

void WriteStatistic(JsonWriter& json, const StatisticValue& statistic) {
  json.BeginObject().Key("value");
  if (statistic.value) {
    json.Value(*statistic.value);
  } else {
    json.Null().Field("reason", statistic.reason);
  }
  if (statistic.low) json.Field("low", *statistic.low);
  if (statistic.high) json.Field("high", *statistic.high);
  if (statistic.noise_floor) json.Field("noise_floor", *statistic.noise_floor);
  json.Field("n", statistic.n).EndObject();
}

void WriteStatistics(JsonWriter& json, const Aggregate& total) {
  json.BeginObject();
  for (const Statistic& statistic : Statistics()) {
    json.Key(statistic.name);
    WriteStatistic(json, statistic.compute(total));
  }
  json.EndObject();
}

void WriteWindow(JsonWriter& json, const SeriesKey& key, const WindowView& window) {
  json.BeginObject();
  WriteSeriesFields(json, key);
  json.Field("window", FormatDuration(window.window));
  WriteBody(json, window);
  json.EndObject();
}

void WritePane(JsonWriter& json, const SeriesKey& key, const WindowView& pane) {
  json.BeginObject();
  WriteSeriesFields(json, key);
  json.Field("window", "pane").Field("start", FormatRfc3339(pane.end - pane.window));
  WriteBody(json, pane);
  json.EndObject();
}

}  // namespace guardwatch
