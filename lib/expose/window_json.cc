#include "expose/window_json.h"

#include <cmath>

#include "base/duration.h"
#include "base/rfc3339.h"
#include "expose/class_matrix_json.h"
#include "expose/reference_json.h"
#include "stats/interval.h"
#include "stats/proportion.h"
#include "window/statistics_macro.h"

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

void WriteReliability(JsonWriter& json, const ReliabilityBins& bins, StatisticSet set) {
  json.Key("reliability").BeginArray();
  for (int i = 0; i < kReliabilityBins; ++i) {
    const ReliabilityBin bin = bins[i];
    json.BeginObject().Field("bin", i);
    json.Field("lower", ReliabilityLower(i)).Field("upper", ReliabilityUpper(i));
    json.Field("labeled", bin.labeled).Field("positive", bin.positive);
    json.Field("score_q", Int128{bin.score_q});
    if (set != StatisticSet::kHeadline) WriteBinRates(json, bin);
    json.EndObject();
  }
  json.EndArray();
}

bool IsListed(const Statistic& statistic, StatisticSet set) {
  if (set == StatisticSet::kHeadline) return statistic.headline;
  return set == StatisticSet::kAll || !statistic.expensive;
}

void WriteInterval(JsonWriter& json, std::string_view name, const Interval& interval) {
  json.Key(name).BeginArray().Value(interval.low).Value(interval.high).EndArray();
}

void WriteBody(JsonWriter& json, const WindowView& window, StatisticSet set) {
  json.Field("view", ToString(window.view)).Field("end", FormatRfc3339(window.end));
  WriteCounts(json, window.total);
  WriteSums(json, window.total);
  WriteReliability(json, window.total->reliability, set);
  json.Key("statistics");
  WriteStatistics(json, window.total, set);
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
  if (statistic.debiased) json.Field("debiased", *statistic.debiased);
  if (statistic.p) json.Field("p", *statistic.p);
  json.Field("n", statistic.n).EndObject();
}

void WriteBinRates(JsonWriter& json, const ReliabilityBin& bin) {
  const auto wilson = WilsonInterval(bin.positive, bin.labeled);
  const auto jeffreys = JeffreysInterval(bin.positive, bin.labeled);
  if (!wilson || !jeffreys) return;
  const double n = double(bin.labeled);
  json.Field("mean_score", double(bin.score_q) / double{kScoreOne} / n);
  json.Field("positive_rate", double(bin.positive) / n);
  WriteInterval(json, "wilson", *wilson);
  WriteInterval(json, "jeffreys", *jeffreys);
}

void WriteStatistics(JsonWriter& json, const Aggregate& total, StatisticSet set) {
  json.BeginObject();
  for (const Statistic& statistic : Statistics()) {
    if (!IsListed(statistic, set)) continue;
    json.Key(statistic.name);
    WriteStatistic(json, statistic.compute(total));
  }
  json.EndObject();
}

void WriteWindow(JsonWriter& json, const SeriesKey& key, const WindowView& window, StatisticSet set,
                 const WindowContext& context) {
  json.BeginObject();
  WriteSeriesFields(json, key);
  json.Field("window", FormatDuration(window.window));
  WriteBody(json, window, set);
  if (!context.classes.empty()) {
    json.Key("macro").BeginObject().Key("roc_auc");
    WriteStatistic(json, MacroRocAuc(context.classes));
    json.Key("f1");
    WriteStatistic(json, MacroF1(context.classes));
    json.EndObject();
  }
  WriteClassMatrix(json, key, window.total);
  if (set != StatisticSet::kHeadline) {
    WriteReference(json, window, context.reference);
    WriteStratified(json, context.dimensions);
  }
  json.EndObject();
}

void WritePane(JsonWriter& json, const SeriesKey& key, const WindowView& pane) {
  json.BeginObject();
  WriteSeriesFields(json, key);
  json.Field("window", "pane").Field("start", FormatRfc3339(pane.end - pane.window));
  WriteBody(json, pane, StatisticSet::kHeadline);
  WriteClassMatrix(json, key, pane.total);
  json.EndObject();
}

}  // namespace guardwatch
