#include "source/demo_source.h"

#include <algorithm>
#include <string>
#include <utility>

namespace guardwatch {
namespace {

constexpr std::size_t kBatch = 1024;
constexpr int kMostMade = 8192;  // Records made per Poll, other readers' included.
constexpr Duration kShortestSleep =
    std::chrono::milliseconds(10);  // Rather than wake up per record.
constexpr double kSlowest = 1;
constexpr double kFastest = 3600;

Duration Scaled(Duration wall, double speed) {
  return Duration(static_cast<std::int64_t>(static_cast<double>(wall.count()) * speed));
}

ScenarioOptions ScenarioOf(const DemoOptions& options, Scenario scenario, WallTime started) {
  ScenarioOptions stream;
  stream.scenario = scenario;
  stream.seed = options.seed;
  stream.partitions = options.partitions;
  stream.label_partitions = 1;
  stream.start = DemoStart(options, started);
  stream.rate = options.rate;
  stream.change_after = options.warm_up + Scaled(options.change_after, options.speed);
  if (options.recover_after) {
    stream.recover_after = options.warm_up + Scaled(*options.recover_after, options.speed);
  }
  stream.label_delay = options.label_delay;
  stream.label_lateness = options.label_lateness;
  return stream;
}

Result<void> Validate(const DemoOptions& options) {
  if (!(options.speed >= kSlowest && options.speed <= kFastest)) {
    return Fail("speed must be from 1 to 3600 event seconds per second");
  }
  if (options.compressed_for < Duration::zero() || options.warm_up < Duration::zero()) {
    return Fail("compressed_for and warm_up must not be negative");
  }
  return {};
}

}  // namespace

std::vector<LogName> DemoLogs(const DemoOptions& options) {
  const ScenarioOptions topics;
  std::vector<LogName> logs;
  logs.reserve(static_cast<std::size_t>(std::max(options.partitions, 0)) + 1);
  for (std::int32_t i = 0; i < options.partitions; ++i) logs.push_back({topics.events_topic, i});
  logs.push_back({topics.labels_topic, 0});
  return logs;
}

EventTime DemoStart(const DemoOptions& options, WallTime started) {
  const Duration played = Scaled(options.compressed_for, options.speed) - options.compressed_for;
  return EventTimeFromMicros(Micros(started)) - played - options.warm_up;
}

EventTime DemoNow(const DemoOptions& options, WallTime started, WallTime now) {
  const Duration elapsed = std::max(now - started, Duration::zero());
  const EventTime played =
      DemoStart(options, started) + options.warm_up + Scaled(elapsed, options.speed);
  return std::min(played, EventTimeFromMicros(Micros(now)));
}

Result<std::unique_ptr<DemoSource>> DemoSource::Create(const DemoOptions& options, WallTime started,
                                                       DemoMachine machine) {
  const std::optional<Scenario> scenario = ScenarioFromName(options.scenario);
  if (!scenario) return Fail("there is no scenario named '" + options.scenario + "'");
  if (Result<void> valid = Validate(options); !valid) return tl::unexpected<Error>(valid.error());
  const ScenarioOptions stream = ScenarioOf(options, *scenario, started);
  if (Result<void> valid = Validate(stream); !valid) return tl::unexpected<Error>(valid.error());
  return std::unique_ptr<DemoSource>(new DemoSource(options, stream, started, std::move(machine)));
}

DemoSource::DemoSource(DemoOptions options, ScenarioOptions scenario, WallTime started,
                       DemoMachine machine)
    : options_(std::move(options)),
      generator_(std::move(scenario)),
      started_(started),
      machine_(std::move(machine)),
      batch_(kBatch) {
  for (LogName& name : DemoLogs(options_)) logs_.push_back({std::move(name)});
}

Result<void> DemoSource::Assign(std::vector<LogAssignment> more) {
  std::vector<std::size_t> chosen;
  for (const LogAssignment& log : more) {
    const auto found = std::ranges::find(logs_, log.name, &DemoLog::name);
    const std::string name = log.name.topic + "-" + std::to_string(log.name.partition);
    if (found == logs_.end()) return Fail("the demo has no log " + name);
    const auto place = static_cast<std::size_t>(found - logs_.begin());
    if (found->index >= 0 || std::ranges::find(chosen, place) != chosen.end()) {
      return Fail("the log " + name + " is assigned already");
    }
    chosen.push_back(place);
  }
  for (std::size_t i = 0; i < more.size(); ++i) {
    DemoLog& log = logs_[chosen[i]];
    log.index = static_cast<int>(assigned_.size());
    log.first_wanted = std::max<std::int64_t>(more[i].next_offset, 0);
    assigned_.push_back(chosen[i]);
  }
  return {};
}

std::span<const Record> DemoSource::Poll(std::chrono::milliseconds wait) {
  records_.clear();
  const EventTime now = Now();
  Collect(now);
  if (!records_.empty() || !at_end_) return records_;
  const Duration until_next = Scaled(*generator_.NextTimestamp() - now, 1 / options_.speed);
  machine_.sleep(std::min<Duration>(wait, std::max(until_next, kShortestSleep)));
  Collect(Now());
  return records_;
}

void DemoSource::Collect(EventTime now) {
  at_end_ = false;
  for (int made = 0; made < kMostMade && records_.size() < kBatch; ++made) {
    at_end_ = *generator_.NextTimestamp() > now;  // An endless stream always has a next record.
    if (at_end_) return;
    GeneratedRecord& record = batch_[records_.size()];
    generator_.Next(record);
    DemoLog& log = LogOf(record);
    const std::int64_t offset = log.end_offset++;
    if (log.index < 0 || offset < log.first_wanted) continue;
    records_.push_back({static_cast<std::uint32_t>(log.index), offset, record.timestamp,
                        record.payload.empty() ? std::string_view() : record.payload});
  }
}

DemoSource::DemoLog& DemoSource::LogOf(const GeneratedRecord& record) {
  const bool label = record.topic == logs_.back().name.topic;
  return label ? logs_.back() : logs_[static_cast<std::size_t>(record.partition)];
}

std::span<const LogStatus> DemoSource::Status() {
  statuses_.clear();
  for (const std::size_t place : assigned_) {
    const DemoLog& log = logs_[place];
    LogStatus status;
    status.next_offset = std::max(log.end_offset, log.first_wanted);
    // How many records wait is not known before they are made; that there are some is.
    status.end_offset = status.next_offset + (at_end_ ? 0 : 1);
    status.readable = true;
    statuses_.push_back(std::move(status));
  }
  return statuses_;
}

}  // namespace guardwatch
