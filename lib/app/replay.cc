#include "app/replay.h"

#include <algorithm>
#include <future>
#include <set>
#include <thread>
#include <utility>

#include "app/open_reader.h"
#include "app/pipeline.h"
#include "source/file_source.h"

namespace guardwatch {
namespace {

constexpr Duration kFlushInterval = std::chrono::milliseconds(50);
constexpr Duration kNever = std::chrono::hours(24 * 365 * 100);

// Gives each file to the source that has its topic.
Result<void> ReadFromFiles(Config& config, const std::vector<std::string>& paths) {
  std::set<std::string> left(paths.begin(), paths.end());
  for (SourceConfig& source : config.sources) {
    FileConfig files;
    files.topics = TopicsOf(source);
    for (const std::string& path : paths) {
      const auto name = LogNameFromPath(path);
      if (!name) return tl::unexpected(name.error());
      const bool mine = std::any_of(files.topics.begin(), files.topics.end(),
                                    [&](const TopicConfig& t) { return t.name == name->topic; });
      if (mine && left.erase(path) > 0) files.paths.push_back(path);
    }
    source.kafka.reset();
    source.demo.reset();
    source.files = std::move(files);
    source.ingest.idle_timeout = kNever;
    source.ingest.hold_timeout = kNever;
  }
  if (!left.empty()) {
    return Fail(*left.begin() + ": no source of the configuration has a topic of that name");
  }
  return {};
}

// Sources without a file would be waited for.
void DropSourcesWithoutFiles(Config& config) {
  std::vector<SourceConfig> sources;
  std::vector<MonitoredSource> monitored;
  for (std::size_t i = 0; i < config.sources.size(); ++i) {
    if (config.sources[i].files->paths.empty()) continue;
    sources.push_back(std::move(config.sources[i]));
    monitored.push_back(std::move(config.monitor.sources[i]));
  }
  config.sources = std::move(sources);
  config.monitor.sources = std::move(monitored);
}

ReplayResult Collect(Monitor& monitor, const Tick& tick, const ReplayOptions& options) {
  ReplayResult result;
  if (options.at) {
    WindowQuery query;
    query.at = options.at;
    result.windows = monitor.Windows(query);
  } else {
    result.windows = monitor.FinalWindows();
  }
  if (options.panes) {
    HistoryQuery query;
    query.from = kBeginningOfTime;
    query.to = kEndOfTime;
    query.step = kPaneWidth;
    result.panes = monitor.History(query);
  }
  result.snapshot = monitor.TakeSnapshot(tick);
  return result;
}

}  // namespace

Result<ReplayResult> Replay(Config config, const ReplayOptions& options, Logger& log,
                            const std::function<void(const Snapshot&)>& progress) {
  if (auto assigned = ReadFromFiles(config, options.files); !assigned) {
    return tl::unexpected(assigned.error());
  }
  DropSourcesWithoutFiles(config);
  config.monitor.keep_all_panes = true;
  for (const SourceConfig& source : config.sources) {
    // Opened once here, so that a file that cannot be read is an error and not something to wait
    // for.
    if (auto files = FileSource::Open(source.files->paths); !files) {
      return tl::unexpected(files.error());
    }
  }
  auto start = StartFresh(config);
  if (!start) return tl::unexpected(start.error());
  MonitorThread::Options thread;
  thread.interval = kFlushInterval;
  Pipeline pipeline(config, *std::move(start), kFlushInterval, std::move(thread), log);
  while (true) {
    auto answer = std::make_shared<std::promise<std::optional<ReplayResult>>>();
    pipeline.Post([&options, answer](Monitor& monitor, const Tick& tick) {
      answer->set_value(monitor.Finished() ? std::optional(Collect(monitor, tick, options))
                                           : std::nullopt);
    });
    if (auto result = answer->get_future().get()) return *std::move(result);
    if (progress) progress(*pipeline.snapshot());
    std::this_thread::sleep_for(kFlushInterval);
  }
}

}  // namespace guardwatch
