// Measures what drift detection promises, on seeded months of made-up traffic: false alarms against
// the budget, delays against their formula, which cohorts are named, and what labels show.
//
//   detection_bench [--json FILE] [--months N] [--trials N] [--seed S] [PART...]

#include "detection.h"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string_view>

namespace guardwatch {
namespace {

struct Part {
  std::string_view name;
  void (*measure)(const DetectionArguments&, DetectionRows&);
};

constexpr Part kParts[] = {
    {"promise", MeasurePromises},          {"cohort-promise", MeasureCohortPromise},
    {"cohort-delay", MeasureCohortDelays}, {"names", MeasureNames},
    {"equal-rates", MeasureAtEqualRates},  {"labels", MeasureLabels}};

struct CommandLine {
  DetectionArguments arguments;
  std::string json;
  std::vector<std::string_view> parts;
};

bool IsPart(std::string_view name) {
  for (const Part& part : kParts) {
    if (part.name == name) return true;
  }
  return false;
}

bool Parse(int argc, char** argv, CommandLine& line) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view flag = argv[i];
    if (IsPart(flag)) {
      line.parts.push_back(flag);
      continue;
    }
    if (++i == argc) return false;
    if (flag == "--json") {
      line.json = argv[i];
    } else if (flag == "--months") {
      line.arguments.months = std::atoi(argv[i]);
    } else if (flag == "--trials") {
      line.arguments.trials = std::atoi(argv[i]);
    } else if (flag == "--seed") {
      line.arguments.seed = std::strtoull(argv[i], nullptr, 10);
    } else {
      return false;
    }
  }
  return line.arguments.months > 0 && line.arguments.trials > 0;
}

int Main(int argc, char** argv) {
  CommandLine line;
  if (!Parse(argc, argv, line)) {
    std::cerr << "usage: detection_bench [--json FILE] [--months N] [--trials N] [--seed S] "
                 "[PART...]\nparts:";
    for (const Part& part : kParts) std::cerr << ' ' << part.name;
    std::cerr << '\n';
    return 1;
  }
  DetectionRows rows;
  for (const Part& part : kParts) {
    bool wanted = line.parts.empty();
    for (const std::string_view name : line.parts) wanted = wanted || name == part.name;
    if (!wanted) continue;
    std::cerr << part.name << '\n';
    part.measure(line.arguments, rows);
  }
  std::cout << "seed " << line.arguments.seed << '\n' << DetectionTable(rows);
  if (line.json.empty()) return 0;
  std::ofstream file(line.json);
  file << DetectionJson(line.arguments, rows);
  return file.flush() ? 0 : 1;
}

}  // namespace
}  // namespace guardwatch

int main(int argc, char** argv) { return guardwatch::Main(argc, argv); }
