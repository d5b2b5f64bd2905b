#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "simulate_options.h"
#include "simulate_streams.h"

namespace guardwatch {

struct TrialOptions {
  StreamOptions stream;
  SimulatedDetector detector;
  std::int64_t reference_panes = 12'000;  // Learned from anew in each run.
  std::int64_t healthy_panes = 259'200;   // Watched without a change, per run.
  std::vector<double> changed_rates;      // Each follows the healthy panes of each run.
  std::int64_t longest_delay = 60'480;    // Panes; what takes longer was missed.
  int runs = 30;
  std::uint64_t seed = 1;
};

struct DelayTrials {
  double rate = 0;                   // After the change.
  std::vector<std::int64_t> delays;  // Panes from the change to the alarm, ascending.
  int missed = 0;
  std::optional<double> expected_events;  // By the formula, mean over the runs that have one.

  // In events, from a change at the beginning of a pane to the end of the one that alarms.
  double MeanEvents(std::int64_t events_per_pane) const;
  double QuantileEvents(double quantile, std::int64_t events_per_pane) const;
};

struct TrialResult {
  std::int64_t false_alarms = 0;
  int runs_with_false_alarms = 0;
  double healthy_days = 0;
  double mean_tempering = 0;
  double mean_tolerance = 0;
  std::vector<DelayTrials> delays;  // In the order of changed_rates.

  double FalseAlarmsPer30d() const { return double(false_alarms) * 30 / healthy_days; }
};

// Learns a reference, watches healthy panes, then, from that very state, each of the changes. Runs
// differ in seed only. `progress` gets the number of finished runs.
TrialResult RunTrials(const TrialOptions& options, const std::function<void(int)>& progress = {});

// Limits of a Poisson mean after `count` events, each exceeded with probability `tail`: Garwood
// (1936).
double PoissonLower(std::int64_t count, double tail);
double PoissonUpper(std::int64_t count, double tail);

std::string TrialJson(const TrialOptions& options, const TrialResult& result);
std::string TrialTable(const TrialOptions& options, const TrialResult& result);

}  // namespace guardwatch
