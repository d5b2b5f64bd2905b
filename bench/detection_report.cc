#include <cstdio>

#include "base/json_writer.h"
#include "detection.h"

namespace guardwatch {
namespace {

std::string Line(const char* format, auto... values) {
  char text[256];
  std::snprintf(text, sizeof text, format, values...);
  return text;
}

// Mean and 95 % quantile of a delay in events; `scale` is the unit of the stored delays.
std::string Delay(const DelayTrials& trials, std::int64_t scale) {
  if (trials.delays.empty()) return Line("%24s", "never");
  std::string text =
      Line("%.0f (%.0f)", trials.MeanEvents(scale), trials.QuantileEvents(.95, scale));
  const double trial_count = double(trials.delays.size()) + trials.missed;
  if (trials.missed > 0) text += Line(" -%.0f%%", 100 * trials.missed / trial_count);
  return Line("%24s", text.c_str());
}

void WriteDelays(const std::vector<DelayTrials>& delays, std::int64_t scale, JsonWriter& json) {
  json.Key("delays").BeginArray();
  for (const DelayTrials& trials : delays) {
    json.BeginObject().Field("rate", trials.rate).Field("missed", trials.missed);
    if (!trials.delays.empty()) {
      json.Field("mean_events", trials.MeanEvents(scale))
          .Field("median_events", trials.QuantileEvents(.5, scale))
          .Field("p95_events", trials.QuantileEvents(.95, scale));
    }
    if (trials.expected_events) json.Field("expected_events", *trials.expected_events);
    json.EndObject();
  }
  json.EndArray();
}

void WriteFalseAlarms(std::int64_t count, double months, JsonWriter& json) {
  json.Field("false_alarms", count)
      .Field("months", months)
      .Field("false_alarms_per_30d", double(count) / months)
      .Field("upper_95", PoissonUpper(count, .05) / months);
}

void WritePeers(const char* key, const std::vector<PeerRow>& rows, JsonWriter& json) {
  json.Key(key).BeginArray();
  for (const PeerRow& row : rows) {
    json.BeginObject()
        .Field("detector", row.detector)
        .Field("setting", row.setting)
        .Field("stream", row.stream)
        .Field("rate", row.rate);
    WriteFalseAlarms(row.false_alarms, row.months, json);
    WriteDelays(row.delays, 1, json);
    json.EndObject();
  }
  json.EndArray();
}

}  // namespace

std::string DetectionTable(const DetectionResults& results) {
  std::string text =
      "Delays in events: mean (95 % quantile), -x% missed: within 7 days here, within 20 000 / "
      "rate\n"
      "events below.\n\n"
      "guardwatch, budget 30 false alarms in 30 d\n"
      "stream                     rate   alarms/30d  upper 95 %   T     rho  ->     delays\n";
  for (const PromiseRow& row : results.promises) {
    const double months = row.result.healthy_days / 30;
    text +=
        Line("%-25s %5g %11.3g %11.3g %5.2f %6.1f%%", row.stream.c_str(), row.options.stream.rate,
             row.result.FalseAlarmsPer30d(), PoissonUpper(row.result.false_alarms, .05) / months,
             row.result.mean_tempering, 100 * row.result.mean_tolerance);
    std::string formula = Line("%69s", "formula");
    for (const DelayTrials& trials : row.result.delays) {
      text += Line("  %g:", trials.rate) + Delay(trials, 1000);
      formula += trials.expected_events ? Line("  %28.0f", *trials.expected_events)
                                        : Line("  %28s", "inside tolerance");
    }
    text += '\n' + formula + '\n';
  }
  text += "\nSet to the same number of false alarms on independent outcomes\n";
  for (const PeerRow& row : results.independent) {
    text += Line("%-13s %-22s %5g %9.3g /30d", row.detector.c_str(), row.setting.c_str(), row.rate,
                 double(row.false_alarms) / row.months);
    for (const DelayTrials& trials : row.delays) {
      text += Line("  %g:", trials.rate) + Delay(trials, 1);
    }
    text += '\n';
  }
  text += "\nThe same settings where outcomes depend on each other, rate .02\n";
  for (const PeerRow& row : results.dependent) {
    text += Line("%-13s %-22s %-12s %9.4g /30d\n", row.detector.c_str(), row.setting.c_str(),
                 row.stream.c_str(), double(row.false_alarms) / row.months);
  }
  return text;
}

std::string DetectionJson(const DetectionResults& results) {
  JsonWriter json;
  json.BeginObject().Field("seed", results.seed).Key("promise").BeginArray();
  for (const PromiseRow& row : results.promises) {
    json.BeginObject()
        .Field("stream", row.stream)
        .Field("rate", row.options.stream.rate)
        .Field("budget", row.options.detector.false_alarms_per_30d)
        .Field("tempering", row.result.mean_tempering)
        .Field("tolerance", row.result.mean_tolerance);
    WriteFalseAlarms(row.result.false_alarms, row.result.healthy_days / 30, json);
    WriteDelays(row.result.delays, 1000, json);
    json.EndObject();
  }
  json.EndArray();
  WritePeers("independent", results.independent, json);
  WritePeers("dependent", results.dependent, json);
  json.EndObject();
  return json.Take() + '\n';
}

}  // namespace guardwatch
