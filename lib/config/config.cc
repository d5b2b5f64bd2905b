#include "config/config.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <set>

#include "config/baseline_file.h"
#include "config/sections.h"
#include "config/yaml_document.h"

namespace guardwatch {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Range<std::int64_t> kLimitRange{1, 1'000'000'000};

LimitsConfig ReadLimits(const YamlValue& value) {
  LimitsConfig limits;
  YamlMap map(value);
  map.Read("max_series", limits.max_series, kLimitRange);
  map.Read("max_values_per_dimension", limits.max_values_per_dimension, kLimitRange);
  map.Read("max_units", limits.max_units, kLimitRange);
  map.Read("max_versions_per_unit", limits.max_versions_per_unit, kLimitRange);
  return limits;
}

WebConfig ReadWeb(const YamlValue& value) {
  WebConfig web;
  YamlMap map(value);
  if (const auto address = map.Find("listen_address")) {
    if (auto text = ReadHostAndPort(*address)) web.listen_address = *std::move(text);
  }
  if (const auto url = map.Find("external_url")) {
    if (auto text = ReadUrl(*url)) web.external_url = *std::move(text);
  }
  return web;
}

StorageConfig ReadStorage(const YamlValue& value) {
  StorageConfig storage;
  YamlMap map(value);
  map.ReadPath("path", storage.path);
  map.Read("checkpoint_interval", storage.checkpoint_interval, {milliseconds(100), minutes(10)});
  map.Read("max_checkpoint_age", storage.max_checkpoint_age, {seconds(1), hours(24)});
  return storage;
}

PendingConfig ReadPending(const YamlValue& value) {
  PendingConfig pending;
  YamlMap map(value);
  map.Read("max_bytes", pending.max_bytes, {std::int64_t{1} << 20, std::int64_t{1} << 50});
  return pending;
}

LogConfig ReadLog(const YamlValue& value) {
  LogConfig log;
  YamlMap map(value);
  map.Read<std::string>("level", log.level,
                        {{"trace", "trace"},
                         {"debug", "debug"},
                         {"info", "info"},
                         {"warning", "warning"},
                         {"error", "error"}});
  map.Read<std::string>("format", log.format,
                        {{"auto", "auto"}, {"logfmt", "logfmt"}, {"json", "json"}});
  return log;
}

Duration LongestHorizon(const SourceOptions& source) {
  Duration longest = source.label_horizon;
  for (const GuardrailOptions& guardrail : source.guardrails) {
    if (guardrail.label_horizon) longest = std::max(longest, *guardrail.label_horizon);
  }
  return longest;
}

Duration LongestHorizon(const std::vector<SourceConfig>& sources) {
  Duration longest{};
  for (const SourceConfig& source : sources) {
    longest = std::max(longest, LongestHorizon(source.ingest));
  }
  return longest;
}

RuleScope ScopeOf(const Config& config) {
  RuleScope scope{.windows = config.monitor.windows,
                  .longest_horizon = LongestHorizon(config.sources),
                  .sources = {},
                  .dimensions = {}};
  std::set<std::string> dimensions;
  for (const SourceConfig& source : config.sources) {
    scope.sources.push_back(source.ingest.name);
    dimensions.insert(source.ingest.cohorts.begin(), source.ingest.cohorts.end());
    for (const GuardrailOptions& guardrail : source.ingest.guardrails) {
      if (guardrail.cohorts)
        dimensions.insert(guardrail.cohorts->begin(), guardrail.cohorts->end());
    }
  }
  scope.dimensions.assign(dimensions.begin(), dimensions.end());
  return scope;
}

void ReadAlerting(const YamlValue& value, Config& config) {
  YamlMap map(value);
  map.Read("false_alarms_per_30d", config.false_alarms_per_30d, Range<double>{0, 1e6, true});
  if (const auto drift = map.Find("drift")) config.monitor.drift = ReadDrift(*drift);
  if (const auto rules = map.Find("rules")) {
    config.monitor.rules = ReadRules(*rules, ScopeOf(config));
  }
  if (const auto receivers = map.Find("receivers")) config.receivers = ReadReceivers(*receivers);
}

// What several components have to know is written once and copied here.
void Distribute(Config& config) {
  const LimitsConfig& limits = config.limits;
  const std::vector<Duration>& windows = config.monitor.windows;
  const Duration longest_window =
      windows.empty() ? Duration{} : *std::max_element(windows.begin(), windows.end());
  config.monitor.max_series = limits.max_series;
  config.monitor.drift.false_alarms_per_30d = config.false_alarms_per_30d;
  config.monitor.external_url = config.web.external_url;
  for (SourceConfig& source : config.sources) {
    SourceOptions& ingest = source.ingest;
    ingest.max_values_per_dimension = limits.max_values_per_dimension;
    ingest.max_units = limits.max_units;
    ingest.max_versions_per_unit = limits.max_versions_per_unit;
    if (source.kafka && source.kafka->start_is_default) {
      source.kafka->client.start.back = longest_window + LongestHorizon(ingest);
    }
    config.monitor.sources.push_back({.name = ingest.name,
                                      .allowed_lateness = ingest.allowed_lateness,
                                      .label_lateness = ingest.label_lateness,
                                      .label_early = ingest.label_early,
                                      .label_horizon = LongestHorizon(ingest),
                                      .max_values_per_dimension = limits.max_values_per_dimension,
                                      .max_units = limits.max_units,
                                      .max_versions_per_unit = limits.max_versions_per_unit});
  }
}

Config ReadConfig(const YamlValue& root) {
  Config config;
  YamlMap map(root);
  Defaults defaults;
  if (const auto value = map.Find("defaults")) defaults = ReadDefaults(*value);
  config.monitor.windows = defaults.windows;
  if (const auto value = map.Require("sources")) {
    config.sources = ReadSources(*value, defaults.source);
  }
  if (const auto value = map.Find("guardrails")) ReadGuardrails(*value, config.sources);
  CheckWindowGrid(defaults, LongestHorizon(config.sources));
  if (const auto value = map.Find("alerting")) ReadAlerting(*value, config);
  if (const auto value = map.Find("web")) config.web = ReadWeb(*value);
  if (const auto value = map.Find("storage")) config.storage = ReadStorage(*value);
  if (const auto value = map.Find("pending")) config.pending = ReadPending(*value);
  if (const auto value = map.Find("limits")) config.limits = ReadLimits(*value);
  if (const auto value = map.Find("log")) config.log = ReadLog(*value);
  std::int64_t workers = config.workers;
  map.Read("workers", workers, {0, 64});
  config.workers = static_cast<int>(workers);
  map.Read("flush_interval", config.flush_interval, {milliseconds(10), seconds(10)});
  Distribute(config);
  return config;
}

ConfigResult Unreadable(const std::string& path, int error) {
  ConfigResult result;
  ConfigError& unreadable = result.errors.emplace_back();
  unreadable.file = path;
  unreadable.message = std::string("cannot be read: ") + std::strerror(error);
  return result;
}

}  // namespace

ConfigResult ParseConfig(std::string_view text, const std::string& file_name,
                         const Environment& environment) {
  ConfigResult result;
  ReadContext context(file_name, text);
  YamlResult yaml = ParseYaml(text);
  for (const ConfigError& error : yaml.errors) {
    context.Fail({error.line, error.column, error.width}, "", error.message, error.hint);
  }
  if (!context.failed()) {
    ExpandScalars(yaml.root, {}, environment, context);
    Config config = ReadConfig(YamlValue(yaml.root, {}, context));
    if (!context.failed()) result.config = std::move(config);
  }
  result.errors = context.TakeErrors();
  result.keys = context.TakeKeys();
  return result;
}

ConfigResult LoadConfigFile(const std::string& path, const Environment& environment) {
  const std::unique_ptr<std::FILE, decltype(&std::fclose)> file(std::fopen(path.c_str(), "rb"),
                                                                &std::fclose);
  if (!file) return Unreadable(path, errno);
  // One byte more than is accepted is enough to see that the file is too large.
  std::string text(kMaxYamlBytes + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) return Unreadable(path, errno);
  ConfigResult result = ParseConfig(text, path, environment);
  if (!result.config || result.config->monitor.drift.given_from.empty()) return result;
  BaselineFileResult given = LoadBaselines(result.config->monitor.drift.given_from, *result.config);
  result.errors.insert(result.errors.end(), given.errors.begin(), given.errors.end());
  result.config->monitor.drift.given = std::move(given.baselines);
  if (!given.errors.empty()) result.config.reset();
  return result;
}

}  // namespace guardwatch
