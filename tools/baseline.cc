#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "app/replay.h"
#include "base/rfc3339.h"
#include "commands.h"
#include "config/config.h"
#include "document.h"
#include "expose/json_api.h"

namespace guardwatch {
namespace {

struct Arguments {
  std::string config;
  std::string url;
  std::string from;
  std::string to;
  std::vector<std::string> files;
};

int Refuse(const std::string& message, ExitCode code) {
  std::cerr << "guardwatchctl baseline: " << message << '\n';
  return code;
}

int FromDaemon(const std::string& url) {
  const auto answer = FetchDocument(url, "/api/v1/baselines?with=model_versions");
  if (!answer) return Refuse(answer.error().message, kFailed);
  std::cout << *answer << '\n' << std::flush;
  return std::cout ? kOk : kFailed;
}

int FromRecording(const Arguments& flags) {
  // Not the baselines that it may name: they are what is to be written.
  const auto text = ReadDocument(flags.config);
  if (!text) return Refuse(text.error().message, kConfig);
  ConfigResult loaded = ParseConfig(*text, flags.config, ProcessEnvironment());
  std::cerr << Format(loaded.errors);
  if (!loaded.config) return kConfig;
  DriftOptions& drift = loaded.config->monitor.drift;
  if (!drift.enabled)
    return Refuse("alerting.drift.enabled is false in the configuration", kConfig);
  if (!flags.from.empty()) {
    const auto from = ParseRfc3339(flags.from);
    const auto to = ParseRfc3339(flags.to);
    if (!from || !to) return Refuse("--from, --to: expected RFC 3339 times", kUsage);
    if (*to <= *from) return Refuse("--to must be after --from", kUsage);
    drift.period = {*from, *to};
  }
  Logger log({LogLevel::kError, false});
  const ReplayOptions options{flags.files, std::nullopt, false};
  const auto result = Replay(*std::move(loaded.config), options, log, {});
  if (!result) return Refuse(result.error().message, kFailed);
  for (const DriftView& view : result->snapshot->drift) {
    if (view.state != "learning") continue;
    std::cerr << "not learned: " << view.stream << " of " << view.unit.guardrail
              << (view.unit.category.empty() ? "" : "/" + view.unit.category) << " "
              << view.model_version << ": " << view.missing << '\n';
  }
  if (result->snapshot->baselines.empty()) return Refuse("nothing could be learned", kFailed);
  std::cout << BaselinesJson(*result->snapshot, {}, true) << '\n' << std::flush;
  return std::cout ? kOk : kFailed;
}

}  // namespace

Command AddBaseline(CLI::App& cli) {
  auto flags = std::make_shared<Arguments>();
  auto* config = cli.add_option("--config", flags->config, "Configuration file, for recorded logs");
  auto* url = cli.add_option("--url", flags->url,
                             "A running guardwatch, such as http://127.0.0.1:9464, whose baselines "
                             "are taken as they are");
  auto* from = cli.add_option("--from", flags->from, "Learn from this time on, RFC 3339");
  auto* to = cli.add_option("--to", flags->to, "and up to this one");
  auto* files = cli.add_option("FILE", flags->files, "Recorded logs: TOPIC-PARTITION.ndjson");
  from->needs(to);
  to->needs(from);
  files->needs(config);
  config->needs(files);
  url->excludes(config)->excludes(files);
  cli.require_option(1, 0);
  cli.footer(
      "Writes what counts as normal, for alerting.drift.baseline_file of a configuration. Without\n"
      "--from and --to it is learned as a daemon would: for alerting.drift.learn from the first "
      "event on, and not taken\nfrom the alerting.drift.baseline_file that there may be.\n\n"
      "Example: guardwatchctl baseline --config guardwatch.yaml may/*.ndjson >baselines.json");
  return [flags] { return flags->url.empty() ? FromRecording(*flags) : FromDaemon(flags->url); };
}

}  // namespace guardwatch
