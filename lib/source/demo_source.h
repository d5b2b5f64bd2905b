#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "source/generator.h"
#include "source/options.h"
#include "source/source.h"

namespace guardwatch {

// What the demo needs of the machine; tests pass their own.
struct DemoMachine {
  std::function<WallTime()> now;
  std::function<void(Duration)> sleep;
};

// The logs of the demo stream: the partitions of guardrail.events, then guardrail.labels-0.
std::vector<LogName> DemoLogs(const DemoOptions& options);

// The demo's event clock. The stream begins so far in the past that, played at `speed`, it meets
// the wall clock after `compressed_for`; from then on the two are the same. Never ahead of the
// wall.
EventTime DemoStart(const DemoOptions& options, WallTime started);
EventTime DemoNow(const DemoOptions& options, WallTime started, WallTime now);

// Plays a generated scenario as if it came from a broker: what was produced by the demo's event
// clock is there to be read, the warm-up history at once. Every reader of one demo must be given
// the same `started`: they make up the same stream and each delivers its own logs. Event times
// follow the demo's clock: hours behind the wall at first.
class DemoSource : public EventSource {
 public:
  // Fails if an option is out of range or the scenario has an unknown name.
  static Result<std::unique_ptr<DemoSource>> Create(const DemoOptions& options, WallTime started,
                                                    DemoMachine machine);

  std::span<const Record> Poll(std::chrono::milliseconds wait) override;
  std::span<const LogStatus> Status() override;
  // Fails, and assigns nothing, if a log is none of DemoLogs or assigned already. A log that is
  // assigned after the first Poll begins where the stream is.
  Result<void> Assign(std::vector<LogAssignment> more) override;

 private:
  // A log of the stream, whether it is assigned or not.
  struct DemoLog {
    LogName name;
    std::int64_t end_offset = 0;
    std::int64_t first_wanted = 0;
    int index = -1;  // Into the assignment; -1: not assigned.
  };

  DemoSource(DemoOptions options, ScenarioOptions scenario, WallTime started, DemoMachine machine);
  void Collect(EventTime now);
  DemoLog& LogOf(const GeneratedRecord& record);
  EventTime Now() const { return DemoNow(options_, started_, machine_.now()); }

  DemoOptions options_;
  Generator generator_;
  WallTime started_;
  DemoMachine machine_;
  std::vector<DemoLog> logs_;
  std::vector<std::size_t> assigned_;   // Index into logs_ by index into the assignment.
  std::vector<GeneratedRecord> batch_;  // Reused; the records of the last Poll point into it.
  std::vector<Record> records_;
  std::vector<LogStatus> statuses_;
  bool at_end_ = false;  // The last Poll took all that was there.
};

}  // namespace guardwatch
