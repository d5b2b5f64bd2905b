#pragma once

#include <functional>

namespace CLI {
class App;
}

// The subcommands of guardwatchctl. Each adds its flags to `cli` and returns what runs it; the
// result is the exit code.

namespace guardwatch {

enum ExitCode { kOk = 0, kUsage = 1, kConfig = 2, kFailed = 3, kInternal = 70 };

using Command = std::function<int()>;

Command AddCheckConfig(CLI::App& cli);
Command AddGenerate(CLI::App& cli);
Command AddReplay(CLI::App& cli);
Command AddAlertTest(CLI::App& cli);
Command AddLoss(CLI::App& cli);
Command AddBaseline(CLI::App& cli);
Command AddExplain(CLI::App& cli);
Command AddSimulate(CLI::App& cli);
Command AddStateInspect(CLI::App& cli);
Command AddStateVerify(CLI::App& cli);
Command AddStateReset(CLI::App& cli);

}  // namespace guardwatch
