// One rate of one stream, at the budget that an operator sets.

#include <iostream>

#include "detection.h"
#include "simulate_trials.h"

namespace guardwatch {
namespace {

constexpr double kBudget = 30;  // Per 30 days: large enough to count alarms.
constexpr std::int64_t kPanesPerDay = 8640;
constexpr std::int64_t kEventsPerPane = 1000;

struct Case {
  const char* name;
  StreamOptions stream;
  SlotScheme slots = SlotScheme::kConstant;
};

StreamOptions Stream(double rate, double dispersion = 1, double wander = 0, double daily = 0) {
  StreamOptions options;
  options.rate = rate;
  options.dispersion = dispersion;
  options.wander_sd = wander;
  options.daily = daily;
  return options;
}

std::vector<double> Changes(double rate) {
  if (rate == .002) return {.004};
  if (rate == .004) return {.01};
  return {.03, .06, .01};
}

std::string ShortRate(double rate) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", rate);
  return text[0] == '0' ? text + 1 : text;
}

ChangeDelays InEvents(double before, const DelayTrials& trials) {
  ChangeDelays delays{ShortRate(before) + " -> " + ShortRate(trials.rate),
                      {},
                      trials.missed,
                      trials.expected_events};
  for (const std::int64_t panes : trials.delays) delays.events.push_back(panes * kEventsPerPane);
  return delays;
}

}  // namespace

void MeasurePromises(const DetectionArguments& arguments, DetectionRows& rows) {
  const Case cases[] = {
      {"independent, .02", Stream(.02)},
      {"independent, .002", Stream(.002)},
      {"share near the threshold, .004", Stream(.004)},
      {"phi 2", Stream(.02, 2)},
      {"phi 4", Stream(.02, 4)},
      {"wander 5 %", Stream(.02, 1, .05)},
      {"wander 10 %", Stream(.02, 1, .10)},
      {"daily 30 %", Stream(.02, 1, 0, .3)},
      {"daily 30 %, hourly slots", Stream(.02, 1, 0, .3), SlotScheme::kHourOfDay}};
  for (const Case& one : cases) {
    std::cerr << "  " << one.name << '\n';
    TrialOptions options;
    options.stream = one.stream;
    options.detector.false_alarms_per_30d = kBudget;
    options.detector.slots = one.slots;
    options.runs = arguments.months;
    options.seed = arguments.seed;
    if (one.stream.daily > 0) options.reference_panes = 7 * kPanesPerDay;
    const TrialResult healthy = RunTrials(options);

    options.runs = arguments.trials;
    options.seed += 1;
    options.healthy_panes = one.stream.daily > 0 ? kPanesPerDay : 200;
    options.changed_rates = Changes(one.stream.rate);
    const TrialResult changed = RunTrials(options);
    DetectionRow row{
        "Against the promise: 30 false alarms in 30 days",
        one.name,
        "",
        healthy.false_alarms,
        healthy.healthy_days / 30,
        "30 d",
        {},
        {{"tempering", healthy.mean_tempering}, {"tolerance", healthy.mean_tolerance}}};
    for (const DelayTrials& trials : changed.delays) {
      row.delays.push_back(InEvents(one.stream.rate, trials));
    }
    rows.push_back(std::move(row));
  }
}

}  // namespace guardwatch
