// guardwatchd: flags, signals, exit codes. Everything else is in lib/app.

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "app/app.h"
#include "app/logging.h"
#include "app/version.h"
#include "config/config.h"

namespace {

using namespace guardwatch;

enum ExitCode { kOk = 0, kUsage = 1, kConfig = 2, kState = 3, kBind = 4, kInternal = 70 };

constexpr const char* kDescription =
    "Watches deployed guardrail classifiers and tells on-call when they stop being trustworthy.";
constexpr const char* kExamples = R"(Examples:
  guardwatchd --config.file=guardwatch.yaml
  guardwatchd --config.file=guardwatch.yaml --config.check
  guardwatchd --config.file=guardwatch.yaml --web.listen-address=0.0.0.0:9464
  guardwatchd --config.file=guardwatch.yaml --storage.path=/var/lib/guardwatch

SIGHUP, or POST /-/reload, takes the configuration anew; SIGTERM stops, a second one at once.
Exit codes: 0 ok, 1 usage, 2 configuration, 3 state unusable or in use, 4 port cannot be bound,
70 internal error.)";

LoggingOptions LoggingFor(const Config& config) {
  const bool terminal = isatty(STDERR_FILENO) != 0;
  return {ParseLogLevel(config.log.level),
          config.log.format == "json" || (config.log.format == "auto" && !terminal)};
}

Result<void> HandleSignals(App& app, bool& stop_requested) {
  return app.loop().OnSignals({SIGTERM, SIGINT, SIGHUP}, [&](int signal) {
    if (signal == SIGHUP) {
      (void)app.Reload();  // Logged there.
    } else if (stop_requested) {
      std::_Exit(kInternal);
    } else {
      stop_requested = true;
      app.Stop();
    }
  });
}

int Serve(const AppOptions& options, Config config) {
  // A file that may not grow fails a checkpoint, which is tried again; it must not end the process.
  std::signal(SIGXFSZ, SIG_IGN);
  Logger log(LoggingFor(config));
  App app(options, std::move(config), log);
  bool stop_requested = false;
  if (auto handled = HandleSignals(app, stop_requested); !handled) {
    log.Error("app", handled.error().message);
    return kInternal;
  }
  if (auto started = app.Start(); !started) {
    log.Error("app", started.error().message);
    switch (started.error().what) {
      case StartFailure::What::kConfig:
        return kConfig;
      case StartFailure::What::kState:
        return kState;
      case StartFailure::What::kPort:
        return kBind;
    }
  }
  return app.Run() ? kOk : kInternal;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App cli(kDescription, "guardwatchd");
  cli.footer(kExamples);
  AppOptions options;
  bool check_only = false;
  cli.add_option("--config.file", options.config_file, "Configuration file (YAML)")->required();
  cli.add_flag("--config.check", check_only, "Check the configuration file and exit");
  cli.add_option("--web.listen-address", options.listen_address,
                 "Address to serve on, host:port; overrides the file (default 127.0.0.1:9464)");
  cli.add_option("--storage.path", options.storage_path,
                 "Directory that keeps the state over restarts; overrides the file");
  cli.set_version_flag("--version", std::string("guardwatchd ") + std::string(Version()) + " (" +
                                        std::string(Revision()) + ", " + std::string(Compiler()) +
                                        ")");
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? kOk : kUsage;
  }
  ConfigResult loaded = LoadConfigFile(options.config_file, ProcessEnvironment());
  for (const ConfigError& error : loaded.errors) std::cerr << Format(error) << '\n';
  if (!loaded.config) return kConfig;
  if (check_only) {
    std::cout << options.config_file << ": ok\n";
    return kOk;
  }
  return Serve(options, *std::move(loaded.config));
}
