#pragma once

#include <string>
#include <utility>
#include <vector>

#include "config/config.h"
#include "config/yaml_reader.h"

// One reader per section of the file. Each reports what is wrong to the context of its value and
// returns what it could make of it; the result counts only if nothing was reported.

namespace guardwatch {

// defaults: and the keys of the same names under a source.
void ReadSourceLimits(YamlMap& map, SourceOptions& options);

struct Defaults {
  SourceOptions source;
  std::vector<Duration> windows = MonitorOptions{}.windows;
  std::vector<std::pair<Duration, YamlValue>>
      written_windows;  // Still to be held against the grid.
};
Defaults ReadDefaults(const YamlValue& value);
// Windows longer than an hour must fit the coarse pane, which depends on the label horizons.
void CheckWindowGrid(const Defaults& defaults, Duration longest_horizon);

// sources: each with a copy of `defaults` that its own keys change.
std::vector<SourceConfig> ReadSources(const YamlValue& value, const SourceOptions& defaults);
KafkaConfig ReadKafka(const YamlValue& value);
std::vector<TopicConfig> ReadTopics(const YamlValue& value);

// guardrails: go to the sources that they apply to.
void ReadGuardrails(const YamlValue& value, std::vector<SourceConfig>& sources);

// What the rules of alerting: are held against.
struct RuleScope {
  std::vector<Duration> windows;
  Duration longest_horizon{};
  std::vector<std::string> sources;
  std::vector<std::string> dimensions;  // Cohort dimensions that any guardrail keeps.
};
std::vector<AlertRule> ReadRules(const YamlValue& value, const RuleScope& scope);

// alerting.drift: without the budget. A file of baselines is named, not read.
DriftOptions ReadDrift(const YamlValue& value);

std::vector<ReceiverConfig> ReadReceivers(const YamlValue& value);

// Names of cohort dimensions: a list without repetitions, each at most 128 bytes.
std::vector<std::string> ReadDimensions(const YamlValue& value);

// host:port; an empty host, a missing or a bad port are errors.
std::optional<std::string> ReadHostAndPort(const YamlValue& value);
// http:// or https:// with a host and without credentials; a slash at the end is dropped.
std::optional<std::string> ReadUrl(const YamlValue& value);

}  // namespace guardwatch
