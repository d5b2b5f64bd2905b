// Times every stage alone with Google Benchmark. A stage whose result is wrong is an error.

#include <memory>
#include <string>

#include <benchmark/benchmark.h>

#include "stage.h"

namespace {

using guardwatch::bench::Stage;
using guardwatch::bench::StageEntry;

void RunStage(benchmark::State& state, const StageEntry& entry) {
  const std::unique_ptr<Stage> stage = entry.make();
  std::int64_t items = 0;
  for (auto round : state) {
    state.PauseTiming();
    stage->Prepare();
    state.ResumeTiming();
    items += stage->Run();
  }
  if (const std::string wrong = stage->Check(); !wrong.empty()) state.SkipWithError(wrong.c_str());
  state.SetItemsProcessed(items);
  state.SetLabel("items: " + entry.item + (entry.item.ends_with('s') ? "" : "s"));
}

}  // namespace

int main(int argc, char** argv) {
  for (const StageEntry& entry : guardwatch::bench::Stages()) {
    benchmark::RegisterBenchmark(entry.name.c_str(), [&entry](benchmark::State& state) {
      RunStage(state, entry);
    })->Unit(benchmark::kMicrosecond);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
