#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/json_writer.h"
#include "detection.h"
#include "simulate_trials.h"

namespace guardwatch {
namespace {

std::string Line(const char* format, auto... values) {
  char text[256];
  std::snprintf(text, sizeof text, format, values...);
  return text;
}

std::string DelayText(const ChangeDelays& delays) {
  std::string text = "    " + delays.change + ": ";
  if (delays.events.empty()) {
    text += "never";
  } else {
    text += Line("mean %.0f, median %.0f, 95 %% %.0f", delays.Mean(), delays.Quantile(.5),
                 delays.Quantile(.95));
  }
  if (delays.formula && !delays.events.empty()) {
    text += Line(", formula %.0f (%+.1f %%)", *delays.formula,
                 100 * (delays.Mean() / *delays.formula - 1));
  }
  if (delays.missed > 0) {
    text += Line(", missed %d of %zu", delays.missed,
                 delays.events.size() + std::size_t(delays.missed));
  }
  return text + '\n';
}

void WriteDelays(const DetectionRow& row, JsonWriter& json) {
  json.Key("delays").BeginArray();
  for (const ChangeDelays& delays : row.delays) {
    json.BeginObject().Field("change", delays.change).Field("missed", delays.missed);
    json.Field("trials", static_cast<std::int64_t>(delays.events.size()) + delays.missed);
    if (!delays.events.empty()) {
      json.Field("mean_events", delays.Mean())
          .Field("median_events", delays.Quantile(.5))
          .Field("p95_events", delays.Quantile(.95));
    }
    if (delays.formula) json.Field("formula_events", *delays.formula);
    json.EndObject();
  }
  json.EndArray();
}

}  // namespace

double ChangeDelays::Mean() const {
  double sum = 0;
  for (const std::int64_t delay : events) sum += double(delay);
  return sum / double(events.size());
}

double ChangeDelays::Quantile(double share) const {
  std::vector<std::int64_t> sorted = events;
  std::sort(sorted.begin(), sorted.end());
  const auto rank = static_cast<std::size_t>(std::ceil(share * double(sorted.size())));
  return double(sorted[std::max<std::size_t>(rank, 1) - 1]);
}

std::string DetectionTable(const DetectionRows& rows) {
  std::string text;
  std::string_view table;
  for (const DetectionRow& row : rows) {
    if (row.table != table) text += '\n' + row.table + '\n';
    table = row.table;
    text += "  " + row.stream + (row.setting.empty() ? "" : ", " + row.setting);
    if (row.exposure > 0) {
      text += Line(": %lld false alarms, %.3g per ", static_cast<long long>(row.false_alarms),
                   double(row.false_alarms) / row.exposure) +
              row.per +
              Line(" (upper 95 %% limit %.3g)", PoissonUpper(row.false_alarms, .05) / row.exposure);
    }
    for (const DetectionRow::Fact& fact : row.facts) {
      text += "; " + fact.name + Line(" %.4g", fact.value);
    }
    text += '\n';
    for (const ChangeDelays& delays : row.delays) text += DelayText(delays);
  }
  return text;
}

std::string DetectionJson(const DetectionArguments& arguments, const DetectionRows& rows) {
  JsonWriter json;
  json.BeginObject().Field("seed", arguments.seed).Key("rows").BeginArray();
  for (const DetectionRow& row : rows) {
    json.BeginObject()
        .Field("table", row.table)
        .Field("stream", row.stream)
        .Field("setting", row.setting);
    if (row.exposure > 0) {
      json.Field("false_alarms", row.false_alarms)
          .Field("per", row.per)
          .Field("exposure", row.exposure)
          .Field("rate", double(row.false_alarms) / row.exposure)
          .Field("upper_95", PoissonUpper(row.false_alarms, .05) / row.exposure);
    }
    for (const DetectionRow::Fact& fact : row.facts) json.Field(fact.name, fact.value);
    WriteDelays(row, json);
    json.EndObject();
  }
  json.EndArray().EndObject();
  return json.Take() + '\n';
}

}  // namespace guardwatch
