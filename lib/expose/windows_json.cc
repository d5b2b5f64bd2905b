#include "base/duration.h"
#include "base/json_writer.h"
#include "base/rfc3339.h"
#include "expose/json_api.h"
#include "expose/window_json.h"
#include "stats/interval.h"
#include "stats/proportion.h"
#include "stats/score_histogram.h"

namespace guardwatch {
namespace {

void WriteHistogram(JsonWriter& json, const RolledWindow& rolled) {
  const int grid = rolled.window.total->histogram.m();
  json.Key("bins").BeginArray();
  for (const HistogramCell& cell : rolled.window.total->histogram.cells()) {
    if (cell.scored == 0 && cell.negative == 0 && cell.positive == 0) continue;
    const score_grid::Range range = score_grid::RangeOf(cell.bin, grid);
    json.BeginObject().Field("low", Score{range.low}.probability());
    json.Field("high", Score{range.high}.probability()).Field("scored", cell.scored);
    json.Field("negative", cell.negative).Field("positive", cell.positive).EndObject();
  }
  json.EndArray();
}

void WriteLatency(JsonWriter& json, const LatencyHistogram& latency) {
  json.Key("latency").BeginObject().Field("n", latency.count());
  json.Key("sum_ms").Value(double(latency.sum_micros()) / 1e3).Key("buckets").BeginArray();
  for (int i = 0; i < LatencyHistogram::kBuckets; ++i) {
    json.BeginObject().Key("upper_ms");
    if (i + 1 < LatencyHistogram::kBuckets) {
      json.Value(LatencyHistogram::kUpperMillis[static_cast<std::size_t>(i)]);
    } else {
      json.Null();  // Open-ended.
    }
    json.Field("count", latency[i]).EndObject();
  }
  json.EndArray().EndObject();
}

void WriteBin(JsonWriter& json, int index, const ReliabilityBin& bin) {
  json.BeginObject().Field("bin", index).Field("lower", ReliabilityLower(index));
  json.Field("upper", ReliabilityUpper(index)).Field("labeled", bin.labeled);
  json.Field("positive", bin.positive).Field("score_q", Int128{bin.score_q});
  const auto wilson = WilsonInterval(bin.positive, bin.labeled);
  const auto jeffreys = JeffreysInterval(bin.positive, bin.labeled);
  if (wilson && jeffreys) {
    const double n = double(bin.labeled);
    json.Field("mean_score", double(bin.score_q) / double{kScoreOne} / n);
    json.Key("positive_rate").BeginObject().Field("value", double(bin.positive) / n);
    json.Field("low", wilson->low).Field("high", wilson->high).Field("n", bin.labeled);
    json.EndObject().Key("jeffreys").BeginObject();
    json.Field("low", jeffreys->low).Field("high", jeffreys->high).EndObject();
  }
  json.EndObject();
}

// One list of rolled-up windows, each object begun with what names it.
template <class Write>
std::string RolledListJson(std::string_view name, const std::vector<WindowRef>& windows,
                           Write&& write) {
  JsonWriter json;
  json.BeginObject().Key(name).BeginArray();
  for (const RolledWindow& rolled : RollUp(windows)) write(json, rolled);
  json.EndArray().EndObject();
  return json.Take();
}

void WritePoint(JsonWriter& json, const HistoryPoint& point, const Statistic& statistic) {
  const StatisticValue value = statistic.compute(point.total);
  json.BeginObject().Field("start", FormatRfc3339(point.start));
  json.Field("end", FormatRfc3339(point.end)).Key("value");
  if (value.value) {
    json.Value(*value.value);
  } else {
    json.Null().Field("reason", value.reason);
  }
  if (value.low) json.Field("low", *value.low);
  if (value.high) json.Field("high", *value.high);
  if (value.noise_floor) json.Field("noise_floor", *value.noise_floor);
  json.Field("n", value.n).EndObject();
}

}  // namespace

void WriteRolledFields(JsonWriter& json, const RolledWindow& rolled) {
  json.Field("source", rolled.unit.source).Field("guardrail", rolled.unit.guardrail);
  json.Field("category", rolled.unit.category).Field("variant", ToString(rolled.variant));
  json.Key("model_versions").BeginArray();
  for (const std::string& version : rolled.model_versions) json.Value(version);
  json.EndArray();
  json.Field("window", FormatDuration(rolled.window.window));
  json.Field("view", ToString(rolled.window.view)).Field("end", FormatRfc3339(rolled.window.end));
}

std::string WindowsJson(const std::vector<WindowRef>& windows) {
  JsonWriter json;
  json.BeginObject().Key("windows").BeginArray();
  for (const WindowRef& ref : windows) {
    WriteWindow(json, *ref.key, *ref.window, StatisticSet::kHeadline,
                {ClassesOf(windows, ref), {}, nullptr});
  }
  json.EndArray().EndObject();
  return json.Take();
}

std::string DetailedWindowsJson(const std::vector<WindowRef>& windows, const WindowQuery& query) {
  const WindowContexts contexts(windows);
  JsonWriter json;
  json.BeginObject().Key("windows").BeginArray();
  for (const WindowRef& ref : windows) {
    if (!Asks(query, ref)) continue;
    const bool whole = ref.key->slice.whole();
    WriteWindow(json, *ref.key, *ref.window, whole ? StatisticSet::kAll : StatisticSet::kAffordable,
                contexts.Of(ref));
  }
  json.EndArray().EndObject();
  return json.Take();
}

std::string HistogramJson(const std::vector<WindowRef>& windows) {
  return RolledListJson("histograms", windows, [](JsonWriter& json, const RolledWindow& rolled) {
    json.BeginObject();
    WriteRolledFields(json, rolled);
    json.Key("slice");
    WriteSlice(json, rolled.slice);
    WriteHistogram(json, rolled);
    WriteLatency(json, rolled.window.total->latency);
    json.EndObject();
  });
}

std::string ReliabilityJson(const std::vector<WindowRef>& windows) {
  return RolledListJson("reliability", windows, [](JsonWriter& json, const RolledWindow& rolled) {
    json.BeginObject();
    WriteRolledFields(json, rolled);
    json.Key("slice");
    WriteSlice(json, rolled.slice);
    json.Key("bins").BeginArray();
    for (int i = 0; i < kReliabilityBins; ++i) {
      WriteBin(json, i, rolled.window.total->reliability[i]);
    }
    json.EndArray().Key("ece");
    WriteStatistic(json, FindStatistic("ece")->compute(rolled.window.total));
    json.Key("calibration_gap");
    WriteStatistic(json, FindStatistic("calibration_gap")->compute(rolled.window.total));
    json.EndObject();
  });
}

std::string SeriesJson(const std::vector<SeriesHistory>& histories, const Statistic& statistic) {
  JsonWriter json;
  json.BeginObject().Key("series").BeginArray();
  for (const SeriesHistory& history : histories) {
    json.BeginObject();
    WriteSeriesFields(json, history.key);
    json.Field("statistic", statistic.name).Key("points").BeginArray();
    for (const HistoryPoint& point : history.points) WritePoint(json, point, statistic);
    json.EndArray().EndObject();
  }
  json.EndArray().EndObject();
  return json.Take();
}

}  // namespace guardwatch
