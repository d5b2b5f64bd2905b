#include "alert/alert.h"

#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "app/notifier.h"
#include "commands.h"
#include "config/config.h"
#include "net/clock.h"
#include "net/io_loop.h"

namespace guardwatch {
namespace {

struct Arguments {
  std::string config;
  std::string receiver;
};

// An alert that says of itself that it is a test, and ends by itself.
Notification TestNotification() {
  Notification test;
  test.labels = {{"alertname", "GuardwatchTest"}, {"severity", "info"}, {"source", "guardwatchctl"},
                 {"guardrail", "none"},           {"variant", "live"},  {"test", "true"}};
  test.id = AlertId(test.labels);
  test.annotations = {
      {"summary", "Test alert of guardwatch"},
      {"description", "Somebody ran `guardwatchctl alert test`. Nothing is wrong; alerts arrive."}};
  test.starts_at = Now();
  return test;
}

int Run(const Arguments& flags) {
  const ConfigResult loaded = LoadConfigFile(flags.config, ProcessEnvironment());
  std::cerr << Format(loaded.errors);
  if (!loaded.config) return kConfig;
  IoLoop loop;
  Logger log({});
  std::vector<std::unique_ptr<AlertSink>> sinks;
  for (const ReceiverConfig& receiver : loaded.config->receivers) {
    if (!flags.receiver.empty() && flags.receiver != receiver.name) continue;
    auto made = MakeSinks(loop, receiver, log);
    if (!made) {
      std::cerr << "receiver " << receiver.name << ": " << made.error().message << '\n';
      return kConfig;
    }
    for (auto& sink : *made) sinks.push_back(std::move(sink));
  }
  if (sinks.empty()) {
    std::cerr << "guardwatchctl alert test: the configuration has no receiver"
              << (flags.receiver.empty() ? "" : " \"" + flags.receiver + "\"") << '\n';
    return kUsage;
  }
  std::size_t answered = 0;
  std::size_t failed = 0;
  for (const auto& sink : sinks) {
    loop.Post([&, target = sink.get()] {
      target->Send({TestNotification()}, [&, target](const Result<void>& result) {
        std::cout << target->name() << ": " << (result ? "sent" : result.error().message) << '\n';
        failed += result ? 0 : 1;
        if (++answered == sinks.size()) loop.Stop();
      });
    });
  }
  loop.Run();
  return failed == 0 ? kOk : kFailed;
}

}  // namespace

Command AddAlertTest(CLI::App& cli) {
  auto flags = std::make_shared<Arguments>();
  cli.add_option("--config", flags->config, "Configuration file")->required();
  cli.add_option("--receiver", flags->receiver, "Only the receiver of this name");
  cli.footer("Example: guardwatchctl alert test --config guardwatch.yaml");
  return [flags] { return Run(*flags); };
}

}  // namespace guardwatch
