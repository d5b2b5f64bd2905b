#include <algorithm>

#include "base/duration.h"
#include "base/json_writer.h"
#include "base/rfc3339.h"
#include "config/config.h"
#include "config/secrets.h"

namespace guardwatch {
namespace {

void Write(JsonWriter& json, std::string_view key, Duration value) {
  json.Field(key, FormatDuration(value));
}

template <class Texts>
void WriteList(JsonWriter& json, std::string_view key, const Texts& texts) {
  json.Key(key).BeginArray();
  for (const auto& text : texts) json.Value(text);
  json.EndArray();
}

template <class T>
void WriteIfSet(JsonWriter& json, std::string_view key, const std::optional<T>& value) {
  if (value) json.Field(key, *value);
}

void WriteIfNamed(JsonWriter& json, std::string_view key, const std::string& text) {
  if (!text.empty()) json.Field(key, text);
}

void WriteTopics(JsonWriter& json, const std::vector<TopicConfig>& topics) {
  json.Key("topics").BeginArray();
  for (const TopicConfig& topic : topics) {
    std::vector<std::string> carries;
    if (topic.carries.scores) carries.emplace_back("scores");
    if (topic.carries.decisions) carries.emplace_back("decisions");
    if (topic.carries.labels) carries.emplace_back("labels");
    json.BeginObject().Field("name", topic.name);
    WriteList(json, "carries", carries);
    json.EndObject();
  }
  json.EndArray();
}

std::string StartText(const StartPolicy& start) {
  switch (start.from) {
    case StartPolicy::From::kEarliest:
      return "earliest";
    case StartPolicy::From::kLatest:
      return "latest";
    case StartPolicy::From::kBack:
      return FormatDuration(start.back);
  }
  return "";
}

void WriteKafka(JsonWriter& json, const KafkaConfig& kafka) {
  json.Key("kafka").BeginObject();
  WriteList(json, "brokers", kafka.client.brokers);
  WriteTopics(json, kafka.topics);
  json.Field("group_id", kafka.client.group_id).Field("client_id", kafka.client.client_id);
  json.Field("start", StartText(kafka.client.start));
  json.Key("properties").BeginObject();
  for (const auto& [name, value] : kafka.client.properties) {
    json.Field(name, NamesSecret(name) ? "<secret>" : value);
  }
  json.EndObject().Key("properties_from_files").BeginObject();
  for (const auto& [name, file] : kafka.secret_files) json.Field(name, file);
  json.EndObject().EndObject();
}

void WriteFiles(JsonWriter& json, const FileConfig& files) {
  json.Key("files").BeginObject();
  WriteIfNamed(json, "directory", files.directory);
  if (!files.paths.empty()) WriteList(json, "paths", files.paths);
  WriteTopics(json, files.topics);
  json.EndObject();
}

void WriteDemo(JsonWriter& json, const DemoOptions& demo) {
  json.Key("demo").BeginObject().Field("scenario", demo.scenario).Field("seed", demo.seed);
  json.Field("speed", demo.speed).Field("rate", demo.rate).EndObject();
}

void WriteGuardrail(JsonWriter& json, const GuardrailOptions& guardrail) {
  json.BeginObject().Field("name", guardrail.guardrail);
  WriteIfSet(json, "category", guardrail.category);
  WriteIfSet(json, "threshold", guardrail.threshold);
  WriteIfSet(json, "band", guardrail.band);
  if (guardrail.label_horizon) Write(json, "label_horizon", *guardrail.label_horizon);
  if (guardrail.cohorts) WriteList(json, "cohorts", *guardrail.cohorts);
  const bool probability = guardrail.score_kind == ScoreKind::kProbability;
  json.Field("score_kind", probability ? "probability" : "none");
  json.Field("decided_by", guardrail.decided_by_decision_events ? "decision_events" : "scores");
  json.EndObject();
}

void WriteSource(JsonWriter& json, const SourceConfig& source) {
  const SourceOptions& options = source.ingest;
  json.BeginObject().Field("name", options.name);
  if (source.kafka) WriteKafka(json, *source.kafka);
  if (source.files) WriteFiles(json, *source.files);
  if (source.demo) WriteDemo(json, *source.demo);
  Write(json, "allowed_lateness", options.allowed_lateness);
  Write(json, "label_lateness", options.label_lateness);
  Write(json, "duplicate_window", options.duplicate_window);
  Write(json, "label_early", options.label_early);
  Write(json, "label_horizon", options.label_horizon);
  Write(json, "idle_timeout", options.idle_timeout);
  Write(json, "hold_timeout", options.hold_timeout);
  json.Field("band", options.band).Field("label_sample", options.label_sample);
  json.Field("label_partitioning", options.labels_follow_scores ? "same_as_scores" : "any");
  WriteList(json, "cohorts", options.cohorts);
  json.Key("guardrails").BeginArray();
  for (const GuardrailOptions& guardrail : options.guardrails) WriteGuardrail(json, guardrail);
  json.EndArray().EndObject();
}

void WriteRule(JsonWriter& json, const AlertRule& rule) {
  json.BeginObject().Field("alert", rule.name).Field("metric", rule.statistic);
  WriteIfNamed(json, "source", rule.source);
  WriteIfNamed(json, "guardrail", rule.guardrail);
  WriteIfSet(json, "category", rule.category);
  json.Field("variant", rule.variant);
  if (rule.cohort_value) {
    json.Key("cohort").BeginObject().Field("dimension", rule.cohort_dimension);
    json.Field("value", *rule.cohort_value).EndObject();
  } else {
    WriteIfNamed(json, "per_cohort", rule.cohort_dimension);
  }
  Write(json, "window", rule.window);
  WriteIfSet(json, "above", rule.above);
  WriteIfSet(json, "below", rule.below);
  Write(json, "for", rule.hold_for);
  Write(json, "keep_firing_for", rule.keep_firing_for);
  json.Field("min_events", rule.min_events).Field("severity", rule.severity);
  WriteIfNamed(json, "summary", rule.summary);
  WriteIfNamed(json, "runbook_url", rule.runbook_url);
  json.EndObject();
}

void WriteAlertmanager(JsonWriter& json, const AlertmanagerConfig& alertmanager) {
  const AlertmanagerOptions& options = alertmanager.options;
  json.Key("alertmanager").BeginObject();
  WriteList(json, "urls", options.urls);
  Write(json, "timeout", options.timeout);
  Write(json, "resend_interval", alertmanager.resend_interval);
  Write(json, "ends_after", options.ends_after);
  if (const auto& auth = options.basic_auth) {
    json.Key("basic_auth").BeginObject().Field("username", auth->username);
    json.Field("password_file", auth->password_file).EndObject();
  }
  WriteIfNamed(json, "bearer_token_file", options.bearer_token_file);
  const TlsOptions& tls = options.tls;
  json.Key("tls").BeginObject();
  WriteIfNamed(json, "ca_file", tls.ca_file);
  WriteIfNamed(json, "cert_file", tls.cert_file);
  WriteIfNamed(json, "key_file", tls.key_file);
  WriteIfNamed(json, "server_name", tls.server_name);
  json.Field("insecure_skip_verify", tls.insecure_skip_verify).EndObject();
  json.EndObject();
}

void WriteAlerting(JsonWriter& json, const Config& config) {
  json.Key("alerting").BeginObject();
  const DriftOptions& drift = config.monitor.drift;
  json.Field("false_alarms_per_30d", config.false_alarms_per_30d).Key("drift").BeginObject();
  json.Field("enabled", drift.enabled);
  Write(json, "learn", drift.learn);
  if (drift.period) {
    json.Key("baseline").BeginObject().Field("from", FormatRfc3339(drift.period.from));
    json.Field("to", FormatRfc3339(drift.period.to)).EndObject();
  }
  WriteIfNamed(json, "baseline_file", drift.given_from);
  json.Field("slots", drift.slots == SlotScheme::kConstant    ? "none"
                      : drift.slots == SlotScheme::kHourOfDay ? "hour_of_day"
                                                              : "hour_of_week");
  Write(json, "quiet", drift.quiet);
  json.EndObject().Key("rules").BeginArray();
  for (const AlertRule& rule : config.monitor.rules) WriteRule(json, rule);
  json.EndArray().Key("receivers").BeginArray();
  for (const ReceiverConfig& receiver : config.receivers) {
    json.BeginObject().Field("name", receiver.name);
    if (receiver.alertmanager) WriteAlertmanager(json, *receiver.alertmanager);
    if (receiver.log) json.Key("log").BeginObject().EndObject();
    json.EndObject();
  }
  json.EndArray().EndObject();
}

}  // namespace

std::string RedactedJson(const Config& config) {
  JsonWriter json;
  json.BeginObject().Key("sources").BeginArray();
  for (const SourceConfig& source : config.sources) WriteSource(json, source);
  json.EndArray();
  std::vector<std::string> windows;
  for (const Duration window : config.monitor.windows) windows.push_back(FormatDuration(window));
  WriteList(json, "windows", windows);
  WriteAlerting(json, config);
  json.Key("web").BeginObject().Field("listen_address", config.web.listen_address);
  WriteIfNamed(json, "external_url", config.web.external_url);
  json.EndObject().Key("storage").BeginObject();
  WriteIfNamed(json, "path", config.storage.path);
  Write(json, "checkpoint_interval", config.storage.checkpoint_interval);
  Write(json, "max_checkpoint_age", config.storage.max_checkpoint_age);
  json.EndObject().Key("pending").BeginObject();
  json.Field("max_bytes", config.pending.max_bytes);
  json.EndObject().Key("limits").BeginObject();
  json.Field("max_series", config.limits.max_series);
  json.Field("max_values_per_dimension", config.limits.max_values_per_dimension);
  json.Field("max_units", config.limits.max_units);
  json.Field("max_versions_per_unit", config.limits.max_versions_per_unit).EndObject();
  json.Key("log").BeginObject().Field("level", config.log.level);
  json.Field("format", config.log.format).EndObject();
  json.Field("workers", config.workers);
  Write(json, "flush_interval", config.flush_interval);
  json.EndObject();
  return json.Take();
}

}  // namespace guardwatch
