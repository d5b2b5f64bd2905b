#include <cstdio>

#include "base/json_writer.h"
#include "simulate_trials.h"

namespace guardwatch {
namespace {

std::string Line(const char* format, auto... values) {
  char text[256];
  std::snprintf(text, sizeof text, format, values...);
  return text;
}

void WriteDelay(const TrialOptions& options, const DelayTrials& trials, std::int64_t events,
                JsonWriter& json) {
  json.BeginObject()
      .Field("rate", trials.rate)
      .Field("runs", options.runs)
      .Field("missed", trials.missed)
      .Key("expected_events");
  trials.expected_events ? json.Value(*trials.expected_events) : json.Null();
  if (!trials.delays.empty()) {
    json.Field("mean_events", trials.MeanEvents(events))
        .Field("median_events", trials.QuantileEvents(.5, events))
        .Field("p95_events", trials.QuantileEvents(.95, events))
        .Field("mean_seconds", trials.MeanEvents(events) / options.stream.events_per_s);
  }
  json.EndObject();
}

}  // namespace

std::string TrialJson(const TrialOptions& options, const TrialResult& result) {
  const double months = result.healthy_days / 30;
  JsonWriter json;
  json.BeginObject()
      .Field("seed", options.seed)
      .Field("runs", options.runs)
      .Field("threshold", options.detector.Threshold())
      .Field("mean_tempering", result.mean_tempering)
      .Field("mean_tolerance", result.mean_tolerance)
      .Key("false_alarms")
      .BeginObject()
      .Field("promised_per_30d",
             options.detector.false_alarms_per_30d / double(options.detector.streams))
      .Field("count", result.false_alarms)
      .Field("days", result.healthy_days)
      .Field("runs_with_any", result.runs_with_false_alarms)
      .Field("per_30d", result.FalseAlarmsPer30d())
      .Field("per_30d_low", PoissonLower(result.false_alarms, .025) / months)
      .Field("per_30d_high", PoissonUpper(result.false_alarms, .025) / months)
      .EndObject()
      .Key("delays")
      .BeginArray();
  const std::int64_t events = SimulatedStream(options.stream, 0).events_per_pane();
  for (const DelayTrials& trials : result.delays) WriteDelay(options, trials, events, json);
  json.EndArray().EndObject();
  return json.Take() + '\n';
}

std::string TrialTable(const TrialOptions& options, const TrialResult& result) {
  const double months = result.healthy_days / 30;
  const std::int64_t events = SimulatedStream(options.stream, 0).events_per_pane();
  std::string text =
      Line("detector      threshold %.6g, tempering %.3f, tolerance %.1f %% (means of %d runs)\n",
           options.detector.Threshold(), result.mean_tempering, 100 * result.mean_tolerance,
           options.runs);
  text += Line("promised      %.4g false alarms per 30 d\n",
               options.detector.false_alarms_per_30d / double(options.detector.streams));
  text += Line("measured      %.4g (95 %%: %.4g to %.4g): %lld in %.0f days, in %d of %d runs\n",
               result.FalseAlarmsPer30d(), PoissonLower(result.false_alarms, .025) / months,
               PoissonUpper(result.false_alarms, .025) / months,
               static_cast<long long>(result.false_alarms), result.healthy_days,
               result.runs_with_false_alarms, options.runs);
  for (const DelayTrials& trials : result.delays) {
    text += Line("%g -> %g  ", options.stream.rate, trials.rate);
    if (trials.delays.empty()) {
      text += Line("missed in all %d runs\n", options.runs);
      continue;
    }
    text += Line("mean %.0f events (%.0f s), median %.0f, 95 %% %.0f; missed %d of %d",
                 trials.MeanEvents(events), trials.MeanEvents(events) / options.stream.events_per_s,
                 trials.QuantileEvents(.5, events), trials.QuantileEvents(.95, events),
                 trials.missed, options.runs);
    text += trials.expected_events ? Line("; formula %.0f\n", *trials.expected_events)
                                   : "; inside the tolerance\n";
  }
  return text;
}

}  // namespace guardwatch
