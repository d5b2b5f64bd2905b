#include "app/pipeline.h"

#include <algorithm>
#include <random>
#include <thread>

namespace guardwatch {
namespace {

// Not guessable from outside, so that request ids cannot be chosen to collide.
HashSeed RandomSeed() {
  std::random_device device;
  const auto word = [&] { return (std::uint64_t{device()} << 32) | device(); };
  const std::uint64_t k0 = word();
  return {k0, word()};
}

}  // namespace

int WorkersOf(const Config& config) {
  if (config.workers > 0) return config.workers;
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, 4);
}

Pipeline::Pipeline(const Config& config, Duration flush_interval, Logger& log,
                   MonitorThread::OnSnapshot on_snapshot)
    : monitor_(config.monitor, flush_interval, std::move(on_snapshot)) {
  const HashSeed seed = RandomSeed();
  for (std::uint32_t i = 0; i < config.sources.size(); ++i) {
    SourceRunnerOptions options;
    options.workers = WorkersOf(config);
    options.flush_interval = flush_interval;
    options.seed = seed;
    runners_.push_back(
        std::make_unique<SourceRunner>(i, config.sources[i], options, monitor_, log));
  }
}

Pipeline::~Pipeline() { Stop(); }

void Pipeline::Stop() {
  for (const auto& runner : runners_) runner->Stop();
  monitor_.Stop();
}

std::vector<SourceRunnerStatus> Pipeline::SourceStatus() const {
  std::vector<SourceRunnerStatus> status;
  for (const auto& runner : runners_) status.push_back(runner->Status());
  return status;
}

}  // namespace guardwatch
