#include "simulate_data.h"

#include <cstdio>

#include "base/json_writer.h"

namespace guardwatch {
namespace {

JsonWriter& Optional(JsonWriter& json, std::string_view key, const std::optional<double>& value) {
  json.Key(key);
  return value ? json.Value(*value) : json.Null();
}

void WriteBaseline(const Baseline& baseline, JsonWriter& json) {
  json.BeginObject()
      .Field("panes", baseline.panes)
      .Field("n", baseline.total.n)
      .Field("s", baseline.total.s)
      .Field("rate", baseline.rate);
  for (std::size_t i = 0; i < Baseline::kScales.size(); ++i) {
    Optional(json, "phi_" + std::to_string(Baseline::kScales[i]), baseline.dispersion[i]);
  }
  json.Field("slow_sd", baseline.slow_sd)
      .Field("tempering", baseline.tempering)
      .Field("tolerance", baseline.tolerance)
      .Key("intervals")
      .BeginArray();
  for (const NullInterval& null : baseline.null) {
    json.BeginObject().Field("low", null.low).Field("high", null.high).EndObject();
  }
  json.EndArray().EndObject();
}

// What the promise lacks with so short a reference.
std::string Caution(const Baseline& baseline) {
  const BaselineOptions needed;
  if (baseline.steps < needed.fewest_steps) {
    return "dispersion rests on " + std::to_string(baseline.steps) + " steps; " +
           std::to_string(needed.fewest_steps) + " are needed to rely on the budget";
  }
  if (!baseline.dispersion.back()) {
    return "too short to know slow fluctuation; 200 blocks of 60 panes are needed to rely on the "
           "budget where the rate wanders";
  }
  return "";
}

std::string Line(const char* format, auto... values) {
  char text[256];
  std::snprintf(text, sizeof text, format, values...);
  return text;
}

}  // namespace

DataRun RunOnData(const SimulatedDetector& settings, const std::vector<PaneRow>& reference,
                  const std::vector<PaneRow>& panes) {
  DataRun run;
  run.threshold = settings.Threshold();
  run.panes = static_cast<std::int64_t>(panes.size());
  BaselineLearner learner(settings.Learning());
  for (const PaneRow& row : reference) learner.Add(row.pane, row.count);
  if (const auto missing = learner.Missing()) {
    run.missing = *missing;
    return run;
  }
  StreamDetector detector(learner.Learn(), run.threshold, settings.direction);
  run.baseline = detector.baseline();
  run.lift_up = detector.DetectableLift(Direction::kUp);
  run.lift_down = detector.DetectableLift(Direction::kDown);
  run.state = detector.Monitorable() ? WatchState::kArmed : WatchState::kNotMonitorable;
  for (const PaneRow& row : panes) {
    if (const auto alarm = detector.Step(row.pane, row.count)) run.alarms.push_back(*alarm);
  }
  run.steps = detector.state().evidence.evidence.steps;
  run.evidence = detector.evidence();
  return run;
}

std::string DataRunJson(const SimulatedDetector& settings, const DataRun& run) {
  JsonWriter json;
  json.BeginObject().Field("state", ToString(run.state));
  if (!run.missing.empty()) json.Field("missing", run.missing);
  json.Key("budget")
      .BeginObject()
      .Field("false_alarms_per_30d", settings.false_alarms_per_30d)
      .Field("streams", settings.streams)
      .Field("steps_per_30d", StepsPerHorizon(settings.pane_width))
      .Field("threshold", run.threshold)
      .EndObject();
  if (run.state != WatchState::kLearning) {
    if (const std::string caution = Caution(run.baseline); !caution.empty()) {
      json.Field("caution", caution);
    }
    json.Key("baseline");
    WriteBaseline(run.baseline, json);
    Optional(json, "smallest_detectable_rise", run.lift_up);
    Optional(json, "smallest_detectable_fall", run.lift_down);
  }
  json.Key("alarms").BeginArray();
  for (const DriftAlarm& alarm : run.alarms) {
    json.BeginObject()
        .Field("pane", alarm.pane)
        .Field("direction", ToString(alarm.direction))
        .Field("statistic", alarm.evidence)
        .Field("threshold", alarm.threshold)
        .Field("change_pane", alarm.change_pane)
        .EndObject();
  }
  json.EndArray()
      .Field("panes", run.panes)
      .Field("steps_since_last_alarm", run.steps)
      .Field("statistic_at_end", run.evidence)
      .EndObject();
  return json.Take() + '\n';
}

std::string DataRunTable(const SimulatedDetector& settings, const DataRun& run) {
  std::string text =
      Line("budget     %g false alarms per 30 d over %lld streams: threshold %.6g\n",
           settings.false_alarms_per_30d, static_cast<long long>(settings.streams), run.threshold);
  if (run.state == WatchState::kLearning) {
    return text + "state      learning: the reference has " + run.missing + "\n";
  }
  const Baseline& baseline = run.baseline;
  text +=
      Line("baseline   rate %.6g (n %lld), tempering %.3f, tolerance %.1f %%\n", baseline.rate,
           static_cast<long long>(baseline.total.n), baseline.tempering, 100 * baseline.tolerance);
  for (const NullInterval& null : baseline.null) {
    text += Line("unchanged  %.6g to %.6g\n", null.low, null.high);
  }
  if (const std::string caution = Caution(baseline); !caution.empty()) {
    text += "caution    " + caution + '\n';
  }
  text += "state      " + std::string(ToString(run.state)) + '\n';
  if (run.lift_up) text += Line("rise       %.2f times is seen within a day\n", *run.lift_up);
  if (run.lift_down) text += Line("fall       %.2f times is seen within a day\n", *run.lift_down);
  text +=
      Line("alarms     %zu in %lld panes\n", run.alarms.size(), static_cast<long long>(run.panes));
  for (const DriftAlarm& alarm : run.alarms) {
    text += Line("  pane %lld  %-4s  statistic %.6g  changed after pane %lld\n",
                 static_cast<long long>(alarm.pane), std::string(ToString(alarm.direction)).c_str(),
                 alarm.evidence, static_cast<long long>(alarm.change_pane));
  }
  return text;
}

}  // namespace guardwatch
