#include <iostream>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "commands.h"
#include "config/config.h"

namespace guardwatch {

Command AddCheckConfig(CLI::App& cli) {
  cli.footer(
      "Prints every error with its place, and ends with 2 if there are any.\n"
      "Example: guardwatchctl check-config guardwatch.yaml");
  auto file = std::make_shared<std::string>();
  cli.add_option("FILE", *file, "Configuration file")->required();
  return [file] {
    const ConfigResult loaded = LoadConfigFile(*file, ProcessEnvironment());
    std::cerr << Format(loaded.errors);
    if (!loaded.config) return int{kConfig};
    std::cout << *file << ": ok\n";
    return int{kOk};
  };
}

}  // namespace guardwatch
