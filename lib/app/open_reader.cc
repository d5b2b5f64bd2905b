#include "app/open_reader.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <thread>
#include <utility>

#include "kafka/kafka_source.h"
#include "kafka/metadata.h"
#include "net/clock.h"
#include "source/demo_source.h"
#include "source/file_source.h"

namespace guardwatch {
namespace {

constexpr auto kMetadataTimeout = std::chrono::seconds(5);

Result<KafkaOptions> WithSecrets(const KafkaConfig& config) {
  KafkaOptions options = config.client;
  for (const auto& [property, path] : config.secret_files) {
    std::ifstream file(path);
    if (!file) return FailRetryable("cannot read " + path + ", which should hold " + property);
    std::string value{std::istreambuf_iterator<char>(file), {}};
    while (!value.empty() && (value.back() == '\n' || value.back() == '\r')) value.pop_back();
    options.properties[property] = std::move(value);
  }
  return options;
}

Result<std::vector<std::string>> PathsOf(const FileConfig& config) {
  std::vector<std::string> paths = config.paths;
  if (config.directory.empty()) return paths;
  std::error_code error;
  std::filesystem::directory_iterator entries(config.directory, error);
  if (error) return FailRetryable("cannot list " + config.directory + ": " + error.message());
  for (const auto& entry : entries) {
    const auto name = LogNameFromPath(entry.path().string());
    const bool wanted =
        name && std::any_of(config.topics.begin(), config.topics.end(),
                            [&](const TopicConfig& topic) { return topic.name == name->topic; });
    if (wanted) paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

Result<std::vector<LogName>> LogsOnDisk(const FileConfig& config) {
  const auto paths = PathsOf(config);
  if (!paths) return tl::unexpected(paths.error());
  std::vector<LogName> logs;
  for (const std::string& path : *paths) {
    auto name = LogNameFromPath(path);
    if (!name) return tl::unexpected(name.error());
    logs.push_back(*std::move(name));
  }
  return logs;
}

std::map<std::string, int> CountPartitions(const std::vector<LogName>& logs) {
  std::map<std::string, int> counts;
  for (const LogName& log : logs) {
    counts[log.topic] = std::max(counts[log.topic], log.partition + 1);
  }
  return counts;
}

Result<std::map<std::string, int>> PartitionsOf(const SourceConfig& config) {
  if (config.demo) return CountPartitions(DemoLogs(*config.demo));
  if (config.files) {
    const auto logs = LogsOnDisk(*config.files);
    if (!logs) return tl::unexpected(logs.error());
    return CountPartitions(*logs);
  }
  const auto options = WithSecrets(*config.kafka);
  if (!options) return tl::unexpected(options.error());
  std::vector<std::string> names;
  for (const TopicConfig& topic : config.kafka->topics) names.push_back(topic.name);
  return PartitionCounts(*options, names, kMetadataTimeout);
}

void LogKafka(Logger& log, int level, std::string_view text) {
  const LogLevel ours = level <= 3   ? LogLevel::kError
                        : level <= 4 ? LogLevel::kWarning
                        : level <= 6 ? LogLevel::kInfo
                                     : LogLevel::kDebug;
  log.Write(ours, "kafka", text);
}

// Files that are not there (a gap in the partition numbers) are logs that hold nothing.
Result<std::unique_ptr<EventSource>> OpenFiles(const FileConfig& config,
                                               std::vector<LogAssignment> logs) {
  auto paths = PathsOf(config);
  if (!paths) return tl::unexpected(paths.error());
  auto files = FileSource::Open(*std::move(paths));
  if (!files) return tl::unexpected(files.error());
  for (LogAssignment& log : logs) log.next_offset = std::max<std::int64_t>(log.next_offset, 0);
  if (auto assigned = (*files)->Assign(std::move(logs)); !assigned) {
    return tl::unexpected(assigned.error());
  }
  return *std::move(files);
}

Result<std::unique_ptr<EventSource>> OpenDemo(const DemoOptions& options,
                                              std::vector<LogAssignment> logs, WallTime started) {
  auto demo = DemoSource::Create(options, started, {.now = Now, .sleep = [](Duration pause) {
                                                      std::this_thread::sleep_for(pause);
                                                    }});
  if (!demo) return tl::unexpected(demo.error());
  if (auto assigned = (*demo)->Assign(std::move(logs)); !assigned) {
    return tl::unexpected(assigned.error());
  }
  return *std::move(demo);
}

}  // namespace

std::vector<TopicConfig> TopicsOf(const SourceConfig& config) {
  if (config.kafka) return config.kafka->topics;
  if (config.files) return config.files->topics;
  std::vector<TopicConfig> topics;
  for (const auto& [name, partitions] : CountPartitions(DemoLogs(*config.demo))) {
    const bool labels = name.find("labels") != std::string::npos;
    topics.push_back({name, labels ? CarriedKinds{false, false, true} : CarriedKinds{}});
  }
  return topics;
}

Result<std::vector<PlannedTopic>> FindTopics(const SourceConfig& config) {
  const auto counts = PartitionsOf(config);
  if (!counts) return tl::unexpected(counts.error());
  std::vector<PlannedTopic> topics;
  for (const TopicConfig& topic : TopicsOf(config)) {
    const auto count = counts->find(topic.name);
    topics.push_back({topic.name, topic.carries, count == counts->end() ? 0 : count->second});
  }
  return topics;
}

Result<std::unique_ptr<EventSource>> OpenReader(const SourceConfig& config,
                                                std::vector<LogAssignment> logs, WallTime started,
                                                Logger& log) {
  if (config.demo) return OpenDemo(*config.demo, std::move(logs), started);
  if (config.files) return OpenFiles(*config.files, std::move(logs));
  const auto options = WithSecrets(*config.kafka);
  if (!options) return tl::unexpected(options.error());
  auto source =
      KafkaSource::Create(*options, std::move(logs), started,
                          [&log](int level, std::string_view text) { LogKafka(log, level, text); });
  if (!source) return tl::unexpected(source.error());
  return *std::move(source);
}

}  // namespace guardwatch
