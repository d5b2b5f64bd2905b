#include "expose/baseline_sets_json.h"

#include <array>
#include <string>

#include "base/duration.h"
#include "base/rfc3339.h"
#include "expose/names.h"

namespace guardwatch {
namespace {

std::string_view SlotsName(SlotScheme slots) {
  switch (slots) {
    case SlotScheme::kConstant:
      return "none";
    case SlotScheme::kHourOfDay:
      return "hour_of_day";
    case SlotScheme::kHourOfWeek:
      return "hour_of_week";
  }
  return "";
}

template <class Normal>
void WritePanes(JsonWriter& json, const Normal& baseline) {
  json.Field("from", FormatRfc3339(PaneStart(baseline.first, baseline.pane_width)));
  json.Field("panes", baseline.panes);
}

void WriteRate(JsonWriter& json, const Baseline& baseline) {
  json.BeginObject();
  WritePanes(json, baseline);
  json.Field("n", baseline.total.n).Field("s", baseline.total.s).Field("steps", baseline.steps);
  constexpr std::array kPhis{"dispersion", "dispersion_6", "dispersion_60"};
  for (std::size_t i = 0; i < kPhis.size(); ++i) {
    if (baseline.dispersion[i]) json.Field(kPhis[i], *baseline.dispersion[i]);
  }
  json.Field("slow_sd", baseline.slow_sd).Field("tempering", baseline.tempering);
  json.Field("tolerance", baseline.tolerance).Key("unchanged").BeginArray();
  for (const NullInterval& null : baseline.null) {
    json.BeginArray().Value(null.low).Value(null.high).EndArray();
  }
  json.EndArray().EndObject();
}

void WriteMean(JsonWriter& json, const MeanBaseline& baseline) {
  json.BeginObject();
  WritePanes(json, baseline);
  json.Field("n", baseline.n).Field("mean", baseline.mean).Field("sd", baseline.sd);
  json.Field("dispersion", baseline.dispersion).Field("slow_sd", baseline.slow_sd);
  json.Field("tempering", baseline.tempering).Field("tolerance", baseline.tolerance);
  json.Field("limit", baseline.limit).EndObject();
}

void WriteCalibration(JsonWriter& json, const CalibrationBaseline& baseline) {
  json.BeginObject();
  WritePanes(json, baseline);
  json.Field("dispersion", baseline.dispersion).Field("tempering", baseline.tempering);
  json.Key("bins").BeginArray();
  for (const Count& bin : baseline.bins) json.BeginArray().Value(bin.n).Value(bin.s).EndArray();
  json.EndArray().EndObject();
}

void WriteRanks(JsonWriter& json, const BaselineSet& set) {
  std::string cells;
  for (const HistogramCell& cell : set.rank_reference.cells()) {
    if (cell.labeled() == 0) continue;
    cells += (cells.empty() ? "" : " ") + std::to_string(cell.bin) + ":" +
             std::to_string(cell.negative) + ":" + std::to_string(cell.positive);
  }
  json.BeginObject().Field("labels", cells);
  constexpr std::array kNames{"positives", "negatives", "pairs"};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    json.Key(kNames[i]);
    WriteMean(json, (*set.ranks)[i]);
  }
  json.EndObject();
}

void WriteSet(JsonWriter& json, const BaselineSet& set) {
  json.BeginObject().Field("source", set.unit.source).Field("guardrail", set.unit.guardrail);
  json.Field("category", set.unit.category).Field("variant", ToString(set.variant));
  json.Field("model_version", set.model_version).Key("rates").BeginObject();
  for (const auto& [stream, baseline] : set.rates) {
    json.Key(stream);
    WriteRate(json, baseline);
  }
  json.EndObject();
  if (set.groups && !set.group_shares.empty()) {
    json.Key("score_distribution").BeginObject().Key("last").BeginArray();
    for (const std::uint16_t last : set.groups->last) json.Value(int{last});
    json.EndArray().Key("shares").BeginArray();
    for (const Baseline& share : set.group_shares) WriteRate(json, share);
    json.EndArray().EndObject();
  }
  if (set.calibration) {
    json.Key("calibration");
    WriteCalibration(json, *set.calibration);
  }
  if (set.log_loss) {
    json.Key("log_loss");
    WriteMean(json, *set.log_loss);
  }
  if (set.brier) {
    json.Key("brier");
    WriteMean(json, *set.brier);
  }
  if (set.ranks) {
    json.Key("roc_auc");
    WriteRanks(json, set);
  }
  json.EndObject();
}

}  // namespace

void WriteBaselineSets(JsonWriter& json, const Snapshot& snapshot, const SeriesFilter& filter) {
  json.Field("format", "guardwatch.baselines/v1");
  json.Field("coarse_pane", FormatDuration(snapshot.coarse_pane));
  json.Field("slots", SlotsName(snapshot.drift_slots)).Key("model_versions").BeginArray();
  for (const auto& set : snapshot.baselines) {
    if (filter.Matches({set->unit, set->model_version, set->variant, Slice{}})) {
      WriteSet(json, *set);
    }
  }
  json.EndArray();
}

}  // namespace guardwatch
