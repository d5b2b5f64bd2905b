#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "app/replay.h"
#include "commands.h"
#include "config/config.h"
#include "document.h"
#include "explain_alert.h"
#include "explain_report.h"

namespace guardwatch {
namespace {

struct Arguments {
  std::string alert;
  std::string config;
  std::string alerts;
  std::string url;
  std::string output = "text";
  std::vector<std::string> files;
};

int Refuse(const std::string& message, ExitCode code) {
  std::cerr << "guardwatchctl explain: " << message << '\n';
  return code;
}

// The alarm of the replay that a finding of the alert speaks of.
const DriftEvidence* Find(const std::vector<DriftEvidence>& alarms, const ToldFinding& told,
                          const std::string& alert) {
  const auto found = std::find_if(alarms.begin(), alarms.end(), [&](const DriftEvidence& alarm) {
    return alarm.alert == alert && alarm.unit.guardrail == told.guardrail &&
           alarm.unit.category == told.category && alarm.stream == told.statistic &&
           alarm.model_version == told.model_version && alarm.dimension == told.dimension &&
           PaneStart(alarm.pane, alarm.pane_width) == told.pane;
  });
  return found == alarms.end() ? nullptr : &*found;
}

int Run(const Arguments& flags) {
  const auto text =
      flags.url.empty() ? ReadDocument(flags.alerts) : FetchDocument(flags.url, "/api/v1/alerts");
  if (!text) return Refuse(text.error().message, kFailed);
  auto told = FindAlert(*text, flags.alerts.empty() ? flags.url : flags.alerts, flags.alert);
  if (!told) return Refuse(told.error().message, kFailed);
  ConfigResult loaded = LoadConfigFile(flags.config, ProcessEnvironment());
  std::cerr << Format(loaded.errors);
  if (!loaded.config) return kConfig;
  Logger log({LogLevel::kError, false});
  const ReplayOptions options{flags.files, std::nullopt, false};
  const auto result = Replay(*std::move(loaded.config), options, log, {});
  if (!result) return Refuse(result.error().message, kFailed);
  std::vector<Explained> explained;
  bool same = true;
  for (const ToldFinding& finding : told->findings) {
    const DriftEvidence* const alarm = Find(result->snapshot->drift_alarms, finding, told->id);
    explained.push_back({finding, alarm == nullptr ? std::nullopt : std::optional(*alarm)});
    same = same && explained.back().same();
  }
  WriteExplanation(*told, explained, flags.output == "json", std::cout);
  std::cout.flush();
  return same && std::cout ? kOk : kFailed;
}

}  // namespace

Command AddExplain(CLI::App& cli) {
  auto flags = std::make_shared<Arguments>();
  cli.add_option("ALERT", flags->alert, "Id of a drift alert, 16 hex digits")->required();
  cli.add_option("--config", flags->config, "The configuration under which it was raised")
      ->required();
  auto* alerts = cli.add_option("--alerts", flags->alerts,
                                "Where the alert stands: what /api/v1/alerts or `replay --dry-run "
                                "--output json` wrote; - for standard input");
  auto* url = cli.add_option("--url", flags->url, "A running guardwatch to ask for it instead");
  alerts->excludes(url);
  cli.add_option("--output", flags->output, "What to print")
      ->check(CLI::IsMember({"json", "text"}))
      ->capture_default_str();
  cli.add_option("FILE", flags->files, "Recorded logs: TOPIC-PARTITION.ndjson")->required();
  cli.callback([alerts, url] {
    if (alerts->count() + url->count() == 0) {
      throw CLI::RequiredError("one of --alerts and --url");
    }
  });
  cli.footer(
      "Runs the recorded input, at least the offsets that the alert names, through the daemon's "
      "own\n"
      "engine and says whether the same alarms come out, with the same evidence to the bit. Exit "
      "code\n0 if so, 3 if not.\n\n"
      "Example: guardwatchctl explain 3f0c5d1e9a7b2c44 --config guardwatch.yaml --url "
      "http://127.0.0.1:9464 logs/*.ndjson");
  return [flags] { return Run(*flags); };
}

}  // namespace guardwatch
