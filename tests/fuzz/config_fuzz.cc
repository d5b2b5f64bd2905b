// Whatever a configuration file holds: reading it gives either options that keep their promises or
// errors that point into the text, and the same each time.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/check.h"
#include "config/config.h"
#include "config/yaml_document.h"

namespace guardwatch {
namespace {

std::optional<std::string> Variable(const std::string& name) {
  if (name == "BROKER") return "localhost:9092";
  if (name == "NUMBER") return "0.25";
  return std::nullopt;
}

bool IsShare(double value) { return value >= 0 && value <= 1; }

void CheckGuardrail(const GuardrailOptions& guardrail) {
  GUARDWATCH_CHECK(!guardrail.guardrail.empty());
  GUARDWATCH_CHECK(!guardrail.threshold || IsShare(*guardrail.threshold));
  GUARDWATCH_CHECK(!guardrail.band || IsShare(*guardrail.band));
  GUARDWATCH_CHECK(!guardrail.label_horizon || *guardrail.label_horizon > Duration::zero());
}

void CheckSource(const SourceConfig& source) {
  GUARDWATCH_CHECK(source.kafka.has_value() + source.files.has_value() + source.demo.has_value() ==
                   1);
  GUARDWATCH_CHECK(!source.ingest.name.empty());
  GUARDWATCH_CHECK(IsShare(source.ingest.band));
  GUARDWATCH_CHECK(source.ingest.label_sample > 0 && source.ingest.label_sample <= 1);
  for (const Duration length :
       {source.ingest.allowed_lateness, source.ingest.label_lateness, source.ingest.label_early,
        source.ingest.label_horizon, source.ingest.duplicate_window}) {
    GUARDWATCH_CHECK(length >= Duration::zero());
  }
  for (const GuardrailOptions& guardrail : source.ingest.guardrails) CheckGuardrail(guardrail);
  if (!source.kafka) return;
  GUARDWATCH_CHECK(!source.kafka->client.brokers.empty() && !source.kafka->topics.empty());
  GUARDWATCH_CHECK(source.kafka->client.start.back >= Duration::zero());
}

void CheckRule(const AlertRule& rule, const MonitorOptions& monitor) {
  GUARDWATCH_CHECK(!rule.name.empty());
  GUARDWATCH_CHECK(rule.above.has_value() != rule.below.has_value());
  GUARDWATCH_CHECK(std::find(monitor.windows.begin(), monitor.windows.end(), rule.window) !=
                   monitor.windows.end());
  GUARDWATCH_CHECK(rule.hold_for >= Duration::zero() && rule.keep_firing_for >= Duration::zero());
}

void CheckConfig(const Config& config) {
  GUARDWATCH_CHECK(!config.sources.empty());
  GUARDWATCH_CHECK(config.monitor.sources.size() == config.sources.size());
  for (const SourceConfig& source : config.sources) CheckSource(source);
  for (const Duration window : config.monitor.windows) {
    GUARDWATCH_CHECK(window > Duration::zero() && window % std::chrono::seconds(10) == Duration{});
  }
  for (const AlertRule& rule : config.monitor.rules) CheckRule(rule, config.monitor);
  for (const ReceiverConfig& receiver : config.receivers) {
    GUARDWATCH_CHECK(receiver.alertmanager.has_value() != receiver.log.has_value());
  }
  GUARDWATCH_CHECK(config.workers >= 0 && config.workers <= 64);
  GUARDWATCH_CHECK(config.flush_interval > Duration::zero());
  const YamlResult shown = ParseYaml(RedactedJson(config));
  GUARDWATCH_CHECK(shown.errors.empty() && shown.root.kind == YamlNode::Kind::kMap);
}

void CheckError(const ConfigError& error, std::string_view text) {
  GUARDWATCH_CHECK(!error.message.empty());
  if (error.line == 0) return;
  const auto lines =
      std::count(text.begin(), text.end(), '\n') + std::count(text.begin(), text.end(), '\r') + 1;
  GUARDWATCH_CHECK(error.line > 0 && error.line <= lines && error.column > 0);
  GUARDWATCH_CHECK(text.find(error.excerpt) != std::string_view::npos);
}

std::string Describe(const ConfigResult& result) {
  return result.config ? RedactedJson(*result.config) : Format(result.errors);
}

void Run(std::string_view text) {
  const ConfigResult result = ParseConfig(text, "guardwatch.yaml", Variable);
  GUARDWATCH_CHECK(result.config.has_value() == result.errors.empty());
  if (result.config) CheckConfig(*result.config);
  for (const ConfigError& error : result.errors) CheckError(error, text);
  GUARDWATCH_CHECK(Describe(ParseConfig(text, "guardwatch.yaml", Variable)) == Describe(result));
}

}  // namespace
}  // namespace guardwatch

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  guardwatch::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
