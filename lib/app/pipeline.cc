#include "app/pipeline.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace guardwatch {
int WorkersOf(const Config& config) {
  if (config.workers > 0) return config.workers;
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, 4);
}

Pipeline::Pipeline(const Config& config, StartingPoint start, Duration flush_interval,
                   MonitorThread::Options monitor, Logger& log)
    : monitor_(std::move(start.monitor), std::move(monitor)) {
  for (std::uint32_t i = 0; i < config.sources.size(); ++i) {
    SourceRunnerOptions options;
    options.workers = WorkersOf(config);
    options.flush_interval = flush_interval;
    options.seed = start.seed;
    options.pending_bytes =
        config.pending.max_bytes / static_cast<std::int64_t>(config.sources.size());
    runners_.push_back(std::make_unique<SourceRunner>(i, config.sources[i], options,
                                                      std::move(start.shards[i]), monitor_, log));
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
