#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "config/config_error.h"
#include "config/environment.h"
#include "event/event.h"
#include "ingest/options.h"
#include "kafka/options.h"
#include "monitor/options.h"
#include "sink/options.h"
#include "source/options.h"

// The configuration file, read and checked as a whole. Keys, defaults and units:
// docs/configuration.md.

namespace guardwatch {

struct TopicConfig {
  std::string name;
  CarriedKinds carries;
};

struct KafkaConfig {
  KafkaOptions client;           // Without the properties of `secret_files`.
  bool start_is_default = true;  // Then it follows the longest window and the label horizon.
  std::vector<TopicConfig> topics;
  std::map<std::string, std::string> secret_files;  // Property to the file that holds its value.
};

// NDJSON files named TOPIC-PARTITION.ndjson: those of a directory, or those listed.
struct FileConfig {
  std::string directory;
  std::vector<std::string> paths;
  std::vector<TopicConfig> topics;
};

// Exactly one of `kafka`, `files` and `demo` is set.
struct SourceConfig {
  SourceOptions ingest;
  std::optional<KafkaConfig> kafka;
  std::optional<FileConfig> files;
  std::optional<DemoOptions> demo;
};

struct AlertmanagerConfig {
  AlertmanagerOptions options;
  Duration resend_interval = DeliveryOptions{}.resend_interval;  // Of alerts that still fire.
};

struct LogReceiverConfig {};

// Exactly one of `alertmanager` and `log` is set.
struct ReceiverConfig {
  std::string name;
  std::optional<AlertmanagerConfig> alertmanager;
  std::optional<LogReceiverConfig> log;
};

struct WebConfig {
  std::string listen_address = "127.0.0.1:9464";
  std::string external_url;  // Empty: none.
};

struct StorageConfig {
  std::string path;  // Empty: nothing is durable.
  Duration checkpoint_interval = std::chrono::seconds(5);
  Duration max_checkpoint_age = std::chrono::minutes(1);  // Beyond it nothing more is read.
};

// What waits for its labels, in the whole process.
struct PendingConfig {
  std::int64_t max_bytes = std::int64_t{4} << 30;  // Divided among the shards.
};

struct LimitsConfig {
  std::int64_t max_series = MonitorOptions{}.max_series;
  std::int64_t max_values_per_dimension = SourceOptions{}.max_values_per_dimension;
  std::int64_t max_units = SourceOptions{}.max_units;
  std::int64_t max_versions_per_unit = SourceOptions{}.max_versions_per_unit;
};

struct LogConfig {
  std::string level = "info";   // trace, debug, info, warning, error
  std::string format = "auto";  // auto: logfmt on a terminal, json otherwise
};

struct Config {
  std::vector<SourceConfig> sources;
  MonitorOptions monitor;  // Filled from sources, guardrails, defaults, alerting, limits and web.
  std::vector<ReceiverConfig> receivers;
  WebConfig web;
  StorageConfig storage;
  PendingConfig pending;
  LimitsConfig limits;  // Already part of the options of sources and monitor.
  LogConfig log;
  int workers = 0;  // 0: one per core, at most four.
  Duration flush_interval = std::chrono::seconds(1);
  double false_alarms_per_30d = 1;  // Kept for the detectors that will spend it.
};

struct ConfigResult {
  std::optional<Config> config;     // Set if there are no errors.
  std::vector<ConfigError> errors;  // All of them, in the order of the file.

  // Every key that was looked for, without indexes (guardrails[].threshold), and whether the file
  // has it. Lets a test hold documentation and reference file against the reader.
  std::map<std::string, bool> keys;
};

// Reads and checks a whole configuration. `file_name` is for messages, and paths in the text are
// relative to its folder. Opens no file and never throws.
ConfigResult ParseConfig(std::string_view text, const std::string& file_name,
                         const Environment& environment);

// The same for a file, and the file of baselines that it names. One that cannot be read is an error
// without a line.
ConfigResult LoadConfigFile(const std::string& path, const Environment& environment);

// What is in force, defaults included, as JSON with the keys of the file; guardrails stand under
// each source that they apply to. Secret values are "<secret>"; names of files that hold them are
// shown.
std::string RedactedJson(const Config& config);

}  // namespace guardwatch
