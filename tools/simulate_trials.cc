#include "simulate_trials.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "detect/stream_detector.h"

namespace guardwatch {
namespace {

double DaysPerPane(const TrialOptions& options) {
  return double(options.detector.pane_width.count()) / 86400e6;
}

// P(X <= count) for a Poisson variable.
double PoissonProbability(std::int64_t count, double mean) {
  double sum = 0;
  for (std::int64_t k = 0; k <= count; ++k) {
    sum += std::exp(double(k) * std::log(mean) - mean - std::lgamma(double(k) + 1));
  }
  return sum;
}

// The mean at which P(X <= count) falls to `probability`.
double PoissonMean(std::int64_t count, double probability) {
  double low = 1e-9;
  double high = double(count) + 20 + 20 * std::sqrt(double(count) + 1);
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    (PoissonProbability(count, middle) > probability ? low : high) = middle;
  }
  return high;
}

struct Run {
  PaneIndex pane = 0;
  SimulatedStream stream;
};

StreamDetector Learn(const TrialOptions& options, Run& run) {
  BaselineLearner learner(options.detector.Learning());
  const PaneIndex end = run.pane + options.reference_panes;
  for (; run.pane < end; ++run.pane) learner.Add(run.pane, run.stream.Next(run.pane));
  return {learner.Learn(), options.detector.Threshold(), options.detector.direction};
}

// Copies: the change begins after the healthy panes, for every rate alike.
void Change(const TrialOptions& options, Run run, StreamDetector detector, DelayTrials& trials) {
  const Direction wanted = trials.rate > options.stream.rate ? Direction::kUp : Direction::kDown;
  for (std::int64_t delay = 1; delay <= options.longest_delay; ++delay, ++run.pane) {
    const auto alarm = detector.Step(run.pane, run.stream.Next(run.pane, trials.rate));
    if (alarm && alarm->direction == wanted) {
      trials.delays.push_back(delay);
      return;
    }
  }
  ++trials.missed;
}

}  // namespace

double DelayTrials::MeanEvents(std::int64_t events_per_pane) const {
  double sum = 0;
  for (const std::int64_t delay : delays) sum += double(delay);
  return sum / double(delays.size()) * double(events_per_pane);
}

double DelayTrials::QuantileEvents(double quantile, std::int64_t events_per_pane) const {
  const auto rank = static_cast<std::size_t>(std::ceil(quantile * double(delays.size())));
  return double(delays[std::max<std::size_t>(rank, 1) - 1]) * double(events_per_pane);
}

TrialResult RunTrials(const TrialOptions& options, const std::function<void(int)>& progress) {
  TrialResult result;
  for (const double rate : options.changed_rates) result.delays.push_back({rate, {}, 0, {}});
  std::vector<int> expected(result.delays.size());
  for (int i = 0; i < options.runs; ++i) {
    Run run{0, SimulatedStream(options.stream, options.seed * 1'000'003 + std::uint64_t(i))};
    StreamDetector detector = Learn(options, run);
    result.mean_tempering += detector.baseline().tempering / options.runs;
    result.mean_tolerance += detector.baseline().tolerance / options.runs;
    const std::int64_t before = result.false_alarms;
    for (std::int64_t j = 0; j < options.healthy_panes; ++j, ++run.pane) {
      if (detector.Step(run.pane, run.stream.Next(run.pane))) ++result.false_alarms;
    }
    result.runs_with_false_alarms += result.false_alarms > before ? 1 : 0;
    result.healthy_days += double(options.healthy_panes) * DaysPerPane(options);
    for (std::size_t c = 0; c < result.delays.size(); ++c) {
      DelayTrials& trials = result.delays[c];
      Change(options, run, detector, trials);
      const auto delay =
          ExpectedDelay(trials.rate, detector.baseline().NullAt(run.pane), detector.Delay());
      if (!delay) continue;
      trials.expected_events = trials.expected_events.value_or(0) + *delay;
      ++expected[c];
    }
    if (progress) progress(i + 1);
  }
  for (std::size_t c = 0; c < result.delays.size(); ++c) {
    std::sort(result.delays[c].delays.begin(), result.delays[c].delays.end());
    if (expected[c] > 0) *result.delays[c].expected_events /= expected[c];
  }
  return result;
}

double PoissonLower(std::int64_t count, double tail) {
  return count == 0 ? 0.0 : PoissonMean(count - 1, 1 - tail);
}

double PoissonUpper(std::int64_t count, double tail) { return PoissonMean(count, tail); }

}  // namespace guardwatch
