// One rate at the false alarms that other detectors are set to: independent outcomes, a threshold
// found by trial, neither tolerance nor a margin for bursts. bench/peers.py has the others.

#include <cmath>
#include <cstdio>

#include "detect/stream_detector.h"
#include "detection.h"
#include "simulate_streams.h"
#include "threshold_by_trial.h"

namespace guardwatch {
namespace {

constexpr std::int64_t kReferencePanes = 120'000;  // 33 h.
constexpr std::int64_t kHealthyPanes = 2'000;      // Before each change: 200 000 events.
constexpr std::int64_t kPaneEvents = 100;
constexpr double kRare = 2.86e7;  // Events per false alarm: River's ADWIN as it comes (35 in 1e9).
constexpr double kOften = 1e6;

StreamOptions Independent(double rate) {
  StreamOptions options;
  options.rate = rate;
  options.pane_width = std::chrono::seconds(1);
  return options;
}

Baseline Reference(double rate, std::uint64_t seed) {
  BaselineOptions options{.pane_width = std::chrono::seconds(1)};
  options.least_tolerance = 0;
  options.slow_sds = 0;
  options.tempering_margin = 1;
  BaselineLearner learner(options);
  SimulatedStream stream(Independent(rate), seed);
  for (PaneIndex pane = 0; pane < kReferencePanes; ++pane) learner.Add(pane, stream.Next(pane));
  return learner.Learn();
}

TriedThreshold Try(double rate, double events_per_alarm, double alarms, std::uint64_t seed) {
  const Baseline baseline = Reference(rate, seed);
  SimulatedStream stream(Independent(rate), seed + 1);
  const auto steps = static_cast<std::int64_t>(alarms * events_per_alarm) / kPaneEvents;
  return ThresholdByTrial<StreamDetector>(
      0.35 * events_per_alarm / kPaneEvents, 7, steps, alarms,
      [&](double threshold) { return StreamDetector(baseline, threshold); },
      [&](std::int64_t pane, auto step_all) {
        const Count count = stream.Next(pane);
        step_all([&](StreamDetector& detector) { return detector.Step(pane, count).has_value(); });
      });
}

ChangeDelays Delays(double rate, double changed, double threshold, int trials, std::uint64_t seed) {
  char name[32];
  std::snprintf(name, sizeof name, "%g -> %g", rate, changed);
  ChangeDelays delays{name, {}, 0, std::nullopt};
  const Baseline baseline = Reference(rate, seed);
  for (std::uint64_t draw = 0; int(delays.events.size()) < trials; ++draw) {
    SimulatedStream stream(Independent(rate), seed * 7'919 + draw);
    StreamDetector detector(baseline, threshold);
    bool healthy = true;
    PaneIndex pane = 0;
    for (; pane < kHealthyPanes; ++pane) {
      healthy = !detector.Step(pane, stream.Next(pane)) && healthy;
    }
    if (!healthy) continue;  // Delays count from a detector that has not just started again.
    while (!detector.Step(pane, stream.Next(pane, changed))) ++pane;
    delays.events.push_back((pane - kHealthyPanes + 1) * kPaneEvents);
  }
  return delays;
}

// The share of windows that a two-sided z-test against the reference rate calls different.
DetectionRow FixedWindow(std::int64_t window, double z, const DetectionArguments& arguments) {
  const double rate = .02;
  StreamOptions options = Independent(rate);
  options.events_per_s = double(window);
  const auto alarms = [&](Count count) {
    const double sd = std::sqrt(rate * (1 - rate) * double(count.n));
    return std::abs(double(count.s) - rate * double(count.n)) > z * sd;
  };
  char setting[64];
  std::snprintf(setting, sizeof setting, "window %lld, z %g", static_cast<long long>(window), z);
  constexpr double kMillions = 200;
  DetectionRow row{"One false alarm per million independent events",
                   "fixed window, .02",
                   setting,
                   0,
                   kMillions,
                   "1e6 events",
                   {},
                   {}};
  SimulatedStream healthy(options, arguments.seed);
  for (PaneIndex pane = 0; pane < PaneIndex(kMillions * 1e6) / window; ++pane) {
    row.false_alarms += alarms(healthy.Next(pane)) ? 1 : 0;
  }
  for (const double changed : {.03, .06, .01}) {
    char name[32];
    std::snprintf(name, sizeof name, "%g -> %g", rate, changed);
    ChangeDelays delays{name, {}, 0, std::nullopt};
    SimulatedStream stream(options, arguments.seed + 1);
    for (int trial = 0; trial < arguments.trials; ++trial) {
      PaneIndex pane = 0;
      while (pane < 1000 && !alarms(stream.Next(pane, changed))) ++pane;
      if (pane < 1000) delays.events.push_back((pane + 1) * window);
      if (pane == 1000) ++delays.missed;
    }
    row.delays.push_back(std::move(delays));
  }
  return row;
}

}  // namespace

void MeasureAtEqualRates(const DetectionArguments& arguments, DetectionRows& rows) {
  struct Case {
    const char* table;
    double rate;
    double events_per_alarm;
    double alarms;
  };
  constexpr const char* kMillion = "One false alarm per million independent events";
  const Case cases[] = {{kMillion, .02, kOften, 100},
                        {kMillion, .002, kOften, 100},
                        {"One false alarm per 2.86e7 independent events", .02, kRare, 40},
                        {"One false alarm per 2.86e7 independent events", .002, kRare, 40}};
  for (const Case& one : cases) {
    const TriedThreshold tried = Try(one.rate, one.events_per_alarm, one.alarms, arguments.seed);
    char stream[32];
    char setting[64];
    std::snprintf(stream, sizeof stream, "guardwatch, %g", one.rate);
    std::snprintf(setting, sizeof setting, "threshold %.4g, panes of 100", tried.threshold);
    DetectionRow row{
        one.table,    stream, setting, tried.false_alarms, one.alarms * one.events_per_alarm / 1e6,
        "1e6 events", {},     {}};
    for (const double changed :
         one.rate == .002 ? std::vector<double>{.004} : std::vector<double>{.03, .06, .01}) {
      row.delays.push_back(
          Delays(one.rate, changed, tried.threshold, 5 * arguments.trials, arguments.seed));
    }
    rows.push_back(std::move(row));
    if (one.rate == .02 && one.events_per_alarm == kOften) {
      rows.push_back(FixedWindow(1'000, 3.48, arguments));
      rows.push_back(FixedWindow(10'000, 2.6, arguments));
    }
  }
}

}  // namespace guardwatch
