#include <cmath>
#include <iostream>
#include <limits>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "base/duration.h"
#include "commands.h"
#include "simulate_data.h"
#include "simulate_options.h"

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
                                                   : SlotScheme::kNone;
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
  auto* reference = cli.add_option("--reference", flags->reference,
                                   "CSV of healthy panes to learn the baseline from: pane,n,s");
  auto* panes = cli.add_option("--panes", flags->panes, "CSV of panes to watch: pane,n,s");
  reference->needs(panes);
  panes->needs(reference);
  cli.footer(
      "On files, rows are pane,n,s: the number of the pane (time since 1970 / pane width), its\n"
      "events, and those that were, say, flagged. Panes ascend and may leave gaps; panes with "
      "fewer\n"
      "than 20 events are joined with those after them. After each alarm the detector starts "
      "again\n"
      "from no evidence with the next pane, so a change that stays is reported again. change_pane\n"
      "is the last pane that is thought to be without the change. A reference with fewer than 200\n"
      "events arms nothing: the state is then learning.\n\n"
      "Example:\n"
      "  guardwatchctl simulate --reference may.csv --panes june.csv --output json");
  return [flags] {
    if (const std::string wrong = ReadDetector(*flags); !wrong.empty()) return Refuse(wrong);
    return RunOnFiles(*flags);
  };
}

}  // namespace guardwatch
