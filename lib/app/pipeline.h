#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/logging.h"
#include "app/monitor_thread.h"
#include "app/restore.h"
#include "app/source_runner.h"
#include "config/config.h"

namespace guardwatch {

// Both stages with their threads: a runner per source in front of one monitor. The daemon and
// replay run the same one.
class Pipeline {
 public:
  // `config` and `log` must outlive the pipeline.
  Pipeline(const Config& config, StartingPoint start, Duration flush_interval,
           MonitorThread::Options monitor, Logger& log);
  ~Pipeline();

  // Stops reading, works off what was read, publishes a last snapshot.
  void Stop();

  std::shared_ptr<const Snapshot> snapshot() const { return monitor_.snapshot(); }

  // Runs `ask` on the monitor's thread.
  void Post(MonitorThread::Ask ask) { monitor_.Post(std::move(ask)); }

  std::vector<SourceRunnerStatus> SourceStatus() const;
  std::size_t queue_depth() const { return monitor_.queue_depth(); }
  std::size_t queued_changes() const { return monitor_.queued_changes(); }
  bool paused() const { return monitor_.paused(); }

 private:
  MonitorThread monitor_;
  std::vector<std::unique_ptr<SourceRunner>> runners_;
};

// How many worker threads a source gets: as configured, else one per core, at most four.
int WorkersOf(const Config& config);

}  // namespace guardwatch
