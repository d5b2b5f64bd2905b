#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "detect/finding.h"
#include "monitor/options.h"
#include "monitor/source_monitor.h"

namespace guardwatch {

// What a green light must not hide: nothing arrives, nothing advances, a log cannot be read, labels
// meet no scores, a topic is mostly rejected, a cap is reached. Judged per source against the wall
// clock and over the last ten minutes or so of counters.
class HealthWatch {
 public:
  HealthWatch(const MonitorOptions& options, const MonitoredSource& source)
      : options_(options), source_(source) {}

  std::vector<Finding> Judge(const SourceMonitor& monitor, const Tick& tick);

 private:
  struct TopicCounts {
    std::int64_t accepted = 0;
    std::int64_t rejected = 0;
  };
  struct Counts {
    MonotonicTime at{};
    std::map<std::string, TopicCounts> topics;
    std::int64_t labels_met = 0;
    std::int64_t labels_orphan = 0;
  };

  static Counts CountNow(const SourceMonitor& monitor, MonotonicTime now);
  void Remember(const Counts& now);
  Finding Make(std::string kind, Finding::Severity severity, std::string subject,
               std::string summary) const;
  void JudgeFlow(const SourceMonitor& monitor, const Tick& tick, std::vector<Finding>& out);
  void JudgeLogs(const SourceMonitor& monitor, const Tick& tick, std::vector<Finding>& out) const;
  void JudgeReset(const std::string& name, const LogReset& reset, const Tick& tick,
                  std::vector<Finding>& out) const;
  void JudgeCounts(const Counts& now, std::vector<Finding>& out) const;

  const MonitorOptions& options_;
  const MonitoredSource& source_;
  std::deque<Counts> past_;  // Oldest first, a minute apart.
  bool started_ = false;
  EventTime watermark_ = kBeginningOfTime;
  MonotonicTime moved_at_{};
  WallTime moved_at_wall_{};
};

}  // namespace guardwatch
