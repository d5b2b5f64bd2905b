#include <cmath>
#include <iostream>
#include <limits>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "base/duration.h"
#include "commands.h"
#include "progress.h"
#include "simulate_data.h"
#include "simulate_options.h"
#include "simulate_trials.h"

namespace guardwatch {
namespace {

struct Arguments {
  SimulatedDetector detector;
  std::string pane_width = "10s";
  std::string direction = "both";
  std::string slots = "none";
  std::string reference;
  std::string panes;
  std::string output = "table";
  TrialOptions trials;
  double days = 30;
};

int Refuse(const std::string& message) {
  std::cerr << "guardwatchctl simulate: " << message << '\n';
  return kUsage;
}

std::string ReadDetector(Arguments& flags) {
  SimulatedDetector& detector = flags.detector;
  const auto width = ParseDuration(flags.pane_width);
  if (!width || *width < std::chrono::seconds(1) || *width > std::chrono::hours(24)) {
    return "--pane-width: expected a duration from 1s to 24h, such as 10s";
  }
  detector.pane_width = *width;
  if (!(detector.false_alarms_per_30d > 0) || !std::isfinite(detector.false_alarms_per_30d)) {
    return "--false-alarms-per-30d: expected a number above 0";
  }
  if (detector.streams < 1) return "--streams: expected a whole number above 0";
  detector.direction = flags.direction == "up"     ? Direction::kUp
                       : flags.direction == "down" ? Direction::kDown
                                                   : Direction::kBoth;
  detector.slots = flags.slots == "hour-of-day"    ? SlotScheme::kHourOfDay
                   : flags.slots == "hour-of-week" ? SlotScheme::kHourOfWeek
                                                   : SlotScheme::kConstant;
  return "";
}

int RunOnFiles(const Arguments& flags) {
  // Leaves room on both sides for the arithmetic of pane times.
  const PaneIndex limit =
      std::numeric_limits<std::int64_t>::max() / 4 / flags.detector.pane_width.count();
  const auto reference = ReadPanes(flags.reference, limit);
  if (!reference) return Refuse(reference.error().message);
  const auto panes = ReadPanes(flags.panes, limit);
  if (!panes) return Refuse(panes.error().message);
  const DataRun run = RunOnData(flags.detector, *reference, *panes);
  std::cout << (flags.output == "json" ? DataRunJson(flags.detector, run)
                                       : DataRunTable(flags.detector, run))
            << std::flush;
  return std::cout ? kOk : kFailed;
}

std::string StreamError(const Arguments& flags) {
  const StreamOptions& stream = flags.trials.stream;
  const auto is_rate = [](double rate) { return rate > 0 && rate < 1; };
  if (!is_rate(stream.rate)) return "--rate: expected a number between 0 and 1";
  for (const double rate : flags.trials.changed_rates) {
    if (!is_rate(rate)) return "--change-to: expected a number between 0 and 1";
  }
  if (!(stream.events_per_s > 0 && stream.events_per_s <= 1e6)) {
    return "--events-per-second: expected a number above 0, at most 1000000";
  }
  if (!(stream.dispersion >= 1 && stream.dispersion <= 1e6)) {
    return "--phi: expected a number from 1";
  }
  if (!(stream.wander_sd >= 0 && stream.wander_sd <= 1)) {
    return "--wander-sd: expected a number from 0 to 1";
  }
  if (!(stream.wander_memory >= 0 && stream.wander_memory < 1)) {
    return "--wander-memory: expected a number from 0, below 1";
  }
  if (!(stream.daily >= 0 && stream.daily < 1)) return "--daily: expected a number from 0, below 1";
  if (!(flags.days > 0 && flags.days <= 10'000)) return "--days: expected a number above 0";
  if (flags.trials.runs < 1) return "--runs: expected a whole number above 0";
  const std::int64_t shortest = 200;
  if (flags.trials.reference_panes < shortest) return "--reference-panes: expected at least 200";
  return "";
}

// A reference that is long enough in panes may still be too thin in events.
std::string ReferenceError(const TrialOptions& trials) {
  BaselineLearner learner(trials.detector.Learning());
  SimulatedStream stream(trials.stream, trials.seed);
  for (PaneIndex pane = 0; pane < trials.reference_panes; ++pane) {
    learner.Add(pane, stream.Next(pane));
  }
  const auto missing = learner.Missing();
  return missing ? "the reference has " + *missing + "; see --reference-panes" : "";
}

int RunOnStreams(Arguments flags) {
  if (const std::string wrong = StreamError(flags); !wrong.empty()) return Refuse(wrong);
  TrialOptions& trials = flags.trials;
  trials.detector = flags.detector;
  trials.stream.pane_width = flags.detector.pane_width;
  const double panes_per_day = 86400e6 / double(flags.detector.pane_width.count());
  trials.healthy_panes = std::max<std::int64_t>(1, std::llround(flags.days * panes_per_day));
  trials.longest_delay = std::max<std::int64_t>(1, std::llround(7 * panes_per_day));
  if (const std::string wrong = ReferenceError(trials); !wrong.empty()) return Refuse(wrong);
  Progress progress("runs");
  const TrialResult result = RunTrials(trials, [&](int done) { progress.Show(done, trials.runs); });
  std::cout << (flags.output == "json" ? TrialJson(trials, result) : TrialTable(trials, result))
            << std::flush;
  return std::cout ? kOk : kFailed;
}

void AddStreamFlags(CLI::App& cli, Arguments& flags) {
  StreamOptions& stream = flags.trials.stream;
  cli.add_option("--rate", stream.rate, "Of flagged events while nothing is wrong")
      ->capture_default_str();
  cli.add_option("--change-to", flags.trials.changed_rates,
                 "Rates after a step change, for the delay (several: a,b,c)")
      ->delimiter(',');
  cli.add_option("--events-per-second", stream.events_per_s)->capture_default_str();
  cli.add_option("--phi", stream.dispersion, "Over-dispersion of the counts of panes; bursts")
      ->capture_default_str();
  cli.add_option("--wander-sd", stream.wander_sd,
                 "Relative standard deviation of a rate that wanders, AR(1) from pane to pane")
      ->capture_default_str();
  cli.add_option("--wander-memory", stream.wander_memory, "Its correlation from pane to pane")
      ->capture_default_str();
  cli.add_option("--daily", stream.daily, "Relative amplitude of a daily cycle of the rate")
      ->capture_default_str();
  cli.add_option("--reference-panes", flags.trials.reference_panes,
                 "Healthy panes that each run learns from")
      ->capture_default_str();
  cli.add_option("--days", flags.days, "Healthy days that each run watches")->capture_default_str();
  cli.add_option("--runs", flags.trials.runs, "Runs, each with a stream of its own")
      ->capture_default_str();
  cli.add_option("--seed", flags.trials.seed, "The same seed gives the same streams")
      ->capture_default_str();
}

void AddDetectorFlags(CLI::App& cli, Arguments& flags) {
  cli.add_option("--false-alarms-per-30d", flags.detector.false_alarms_per_30d,
                 "The budget: false alarms in 30 days of all streams together, on average")
      ->capture_default_str();
  cli.add_option("--streams", flags.detector.streams,
                 "Detectors that share the budget equally; this is one of them")
      ->capture_default_str();
  cli.add_option("--pane-width", flags.pane_width, "Of one pane, in event time")
      ->capture_default_str();
  cli.add_option("--direction", flags.direction, "Changes that are looked for: both, up or down")
      ->check(CLI::IsMember({"both", "up", "down"}))
      ->capture_default_str();
  cli.add_option("--slots", flags.slots,
                 "A baseline per hour, UTC: none, hour-of-day or hour-of-week")
      ->check(CLI::IsMember({"none", "hour-of-day", "hour-of-week"}))
      ->capture_default_str();
  cli.add_option("--output", flags.output, "table or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
}

}  // namespace

Command AddSimulate(CLI::App& cli) {
  auto flags = std::make_shared<Arguments>();
  AddDetectorFlags(cli, *flags);
  AddStreamFlags(cli, *flags);
  auto* reference = cli.add_option("--reference", flags->reference,
                                   "CSV of healthy panes to learn the baseline from: pane,n,s");
  auto* panes = cli.add_option("--panes", flags->panes, "CSV of panes to watch: pane,n,s");
  reference->needs(panes);
  panes->needs(reference);
  cli.footer(
      "On made-up streams it counts false alarms, per 30 days of healthy panes with 95 % limits, "
      "and\n"
      "measures how many events a step change goes unseen. Each run learns a baseline of its own,\n"
      "so its error is part of the result. After an alarm the detector starts again.\n\n"
      "On files (--reference and --panes), rows are pane,n,s: the number of the pane (time since "
      "1970\n"
      "/ pane width), its events, and those that were, say, flagged. Panes ascend and may leave "
      "gaps;\n"
      "panes with fewer than 20 events are joined with those after them. After each alarm the "
      "detector\n"
      "starts again from no evidence with the next pane, so a change that stays is reported "
      "again.\n"
      "change_pane is the last pane that is thought to be without the change. A reference with "
      "fewer\n"
      "than 200 events arms nothing: the state is then learning.\n\n"
      "Examples:\n"
      "  guardwatchctl simulate --change-to .03,.01 --false-alarms-per-30d 1 --streams 12\n"
      "  guardwatchctl simulate --phi 4 --wander-sd .1 --runs 10\n"
      "  guardwatchctl simulate --reference may.csv --panes june.csv --output json");
  return [flags] {
    if (const std::string wrong = ReadDetector(*flags); !wrong.empty()) return Refuse(wrong);
    return flags->panes.empty() ? RunOnStreams(*flags) : RunOnFiles(*flags);
  };
}

}  // namespace guardwatch
