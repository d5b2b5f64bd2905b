// guardwatchctl: the tools around the daemon, one file per command.

#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "app/version.h"
#include "commands.h"

int main(int argc, char** argv) {
  using namespace guardwatch;
  CLI::App cli("Tools around guardwatchd.", "guardwatchctl");
  cli.footer(
      "Examples:\n"
      "  guardwatchctl check-config guardwatch.yaml\n"
      "  guardwatchctl generate --scenario cohort-regression --events 200000 --to-dir /tmp/logs\n"
      "  guardwatchctl replay --config guardwatch.yaml --output table /tmp/logs/*.ndjson\n"
      "  guardwatchctl alert test --config guardwatch.yaml\n"
      "  guardwatchctl loss --show-working scored.csv\n"
      "  guardwatchctl state inspect /var/lib/guardwatch\n\n"
      "guardwatchctl COMMAND --help tells more of each.");
  cli.set_version_flag("--version", std::string("guardwatchctl ") + std::string(Version()));
  cli.require_subcommand(1);

  CLI::App& check = *cli.add_subcommand("check-config", "Check a configuration file");
  CLI::App& generate = *cli.add_subcommand("generate", "Make up an event stream");
  CLI::App& replay = *cli.add_subcommand("replay", "Run recorded logs through the engine");
  CLI::App& alert = *cli.add_subcommand("alert", "Work with alerts");
  CLI::App& loss =
      *cli.add_subcommand("loss", "Log loss and its relatives of labelled predictions");
  CLI::App& simulate = *cli.add_subcommand("simulate", "Try the drift detector on streams");
  CLI::App& baseline = *cli.add_subcommand("baseline", "Write what counts as normal to a file");
  CLI::App& explain = *cli.add_subcommand("explain", "Reproduce a drift alert from its input");
  CLI::App& state = *cli.add_subcommand("state", "Look after a daemon's state directory");
  state.require_subcommand(1);
  CLI::App& inspect = *state.add_subcommand("inspect", "Say what it holds");
  CLI::App& verify = *state.add_subcommand("verify", "Check every checksum");
  CLI::App& reset = *state.add_subcommand("reset", "Remove it");
  alert.require_subcommand(1);
  CLI::App& alert_test = *alert.add_subcommand("test", "Send a marked test alert to receivers");
  const std::vector<std::pair<CLI::App*, Command>> commands{{&check, AddCheckConfig(check)},
                                                            {&generate, AddGenerate(generate)},
                                                            {&replay, AddReplay(replay)},
                                                            {&alert_test, AddAlertTest(alert_test)},
                                                            {&loss, AddLoss(loss)},
                                                            {&simulate, AddSimulate(simulate)},
                                                            {&baseline, AddBaseline(baseline)},
                                                            {&explain, AddExplain(explain)},
                                                            {&inspect, AddStateInspect(inspect)},
                                                            {&verify, AddStateVerify(verify)},
                                                            {&reset, AddStateReset(reset)}};
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? kOk : kUsage;
  }
  for (const auto& [app, command] : commands) {
    if (app->parsed()) return command();
  }
  return kUsage;
}
