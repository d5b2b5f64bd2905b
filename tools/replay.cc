#include "app/replay.h"

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/rfc3339.h"
#include "commands.h"
#include "config/config.h"
#include "dry_run.h"
#include "progress.h"
#include "replay_html.h"
#include "replay_report.h"

namespace guardwatch {
namespace {

struct Arguments {
  std::string config;
  std::string output = "table";
  std::string at;
  bool panes = false;
  bool statistics = false;
  bool dry_run = false;
  int workers = 0;
  std::vector<std::string> files;
};

int Run(const Arguments& flags) {
  ConfigResult loaded = LoadConfigFile(flags.config, ProcessEnvironment());
  std::cerr << Format(loaded.errors);
  if (!loaded.config) return kConfig;
  ReplayOptions options{flags.files, std::nullopt, flags.panes};
  if (!flags.at.empty()) {
    options.at = ParseRfc3339(flags.at);
    if (!options.at) {
      std::cerr << "guardwatchctl replay: --at: \"" << flags.at << "\" is not an RFC 3339 time\n";
      return kUsage;
    }
  }
  if (flags.workers > 0) loaded.config->workers = flags.workers;
  std::vector<SourceOptions> sources;
  for (const SourceConfig& source : loaded.config->sources) sources.push_back(source.ingest);
  Logger log({LogLevel::kError, false});
  Progress progress("records");
  const auto result =
      Replay(*std::move(loaded.config), options, log, [&](const Snapshot& snapshot) {
        std::int64_t records = 0;
        for (const auto& source : snapshot.sources) {
          for (const LogView& view : source->logs) records += view.next_offset;
        }
        progress.Show(records);
      });
  if (!result) {
    std::cerr << "guardwatchctl replay: " << result.error().message << '\n';
    return kFailed;
  }
  if (flags.dry_run) {
    WriteDryRun(*result, flags.output == "json", std::cout);
  } else if (flags.output == "json") {
    WriteReplayJson(*result, std::cout);
  } else if (flags.output == "html") {
    WriteReplayHtml(*result, sources, std::cout);
  } else {
    WriteReplayTable(*result, std::cout);
    if (flags.statistics) WriteReplayStatistics(*result, std::cout);
  }
  std::cout.flush();
  return std::cout ? kOk : kFailed;
}

}  // namespace

Command AddReplay(CLI::App& cli) {
  auto flags = std::make_shared<Arguments>();
  cli.add_option("--config", flags->config,
                 "Configuration file; its topics are read from the files instead of from Kafka")
      ->required();
  cli.add_option("--output", flags->output, "What to print")
      ->check(CLI::IsMember({"json", "table", "html"}))
      ->capture_default_str();
  cli.add_option("--at", flags->at,
                 "Where windows end, RFC 3339 (default: after the last scored event)");
  cli.add_flag("--panes", flags->panes, "Also one object per series and pane (with json)");
  cli.add_flag("--statistics", flags->statistics,
               "Also every statistic of each window (with table; the others have them anyway)");
  cli.add_flag("--dry-run", flags->dry_run,
               "Print only which alerts the configuration would have raised");
  cli.add_option("--workers", flags->workers, "Worker threads; the result does not depend on them");
  cli.add_option("FILE", flags->files, "Recorded logs, one per log: TOPIC-PARTITION.ndjson")
      ->required();
  cli.footer(
      "Runs the daemon's own engine over recorded logs. The end of the input seals and matures\n"
      "everything. Rejected lines are counted; they are no failure.\n\n"
      "Example: guardwatchctl replay --config guardwatch.yaml --output html logs/*.ndjson "
      ">report.html");
  return [flags] { return Run(*flags); };
}

}  // namespace guardwatch
