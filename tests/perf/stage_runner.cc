// Runs one stage a few times under valgrind's callgrind, which counts the instructions of the
// measured part only. See instructions_test.py.
//
//   stage_runner --list
//   stage_runner STAGE ROUNDS     prints the number of items

#include <cstdlib>
#include <iostream>
#include <string>

#include <valgrind/callgrind.h>

#include "stage.h"

namespace {

int RunStage(const guardwatch::bench::StageEntry& entry, int rounds) {
  const auto stage = entry.make();
  std::int64_t items = 0;
  for (int round = -1; round < rounds; ++round) {  // The first one warms up.
    stage->Prepare();
    if (round >= 0) CALLGRIND_TOGGLE_COLLECT;
    const std::int64_t done = stage->Run();
    if (round >= 0) CALLGRIND_TOGGLE_COLLECT;
    items += round >= 0 ? done : 0;
  }
  if (const std::string wrong = stage->Check(); !wrong.empty()) {
    std::cerr << entry.name << ": " << wrong << '\n';
    return 1;
  }
  std::cout << items << '\n';
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "--list";
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 1;
  for (const auto& entry : guardwatch::bench::Stages()) {
    if (name == entry.name) return RunStage(entry, rounds);
    if (name == "--list") std::cout << entry.name << '\n';
  }
  return name == "--list" ? 0 : 2;
}
