#include "config/config.h"

#include <gmock/gmock.h>

#include "config_testing.h"

namespace guardwatch {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::kSource;
using ::testing::Pair;
using testing::ParseValid;
using ::testing::SizeIs;
using testing::WithSource;

TEST(ConfigTest, TheShortestFileGetsTheDefaults) {
  const Config config = ParseValid(kSource);
  ASSERT_THAT(config.sources, SizeIs(1));
  const SourceConfig& source = config.sources[0];
  EXPECT_EQ(source.ingest.allowed_lateness, seconds(60));
  EXPECT_EQ(source.ingest.label_lateness, hours(6));
  EXPECT_EQ(source.ingest.label_horizon, hours(24));
  EXPECT_EQ(source.ingest.band, 0.05);
  EXPECT_EQ(source.kafka->client.group_id, "guardwatch");
  EXPECT_EQ(source.kafka->client.start.from, StartPolicy::From::kBack);
  EXPECT_EQ(source.kafka->client.start.back, hours(48));
  EXPECT_EQ(source.kafka->topics[0].carries, CarriedKinds{});
  EXPECT_THAT(config.monitor.windows, ElementsAre(minutes(5), hours(1), hours(24)));
  EXPECT_EQ(config.web.listen_address, "127.0.0.1:9464");
  EXPECT_EQ(config.workers, 0);
  EXPECT_EQ(config.flush_interval, seconds(1));
  EXPECT_EQ(config.false_alarms_per_30d, 1);
  EXPECT_THAT(config.receivers, IsEmpty());
}

TEST(ConfigTest, ReadsTheExampleThatUsersBeginWith) {
  const Config config = ParseValid(R"(
sources:
  - name: gateway
    kafka:
      brokers: [localhost:9092]
      topics:
        - guardrail.events
        - {name: guardrail.labels, carries: [labels]}
      group_id: guardwatch
      properties: {security.protocol: PLAINTEXT}
guardrails:
  - name: prompt-injection
    category: jailbreak
    threshold: 0.8
    cohorts: [lang, tier]
defaults: {band: 0.05, windows: [5m, 1h, 24h], label_horizon: 24h, allowed_lateness: 60s, label_lateness: 6h, duplicate_window: 15m}
alerting:
  false_alarms_per_30d: 1
  rules:
    - {alert: ToxicityBandWide, metric: band_share, guardrail: toxicity, window: 5m, above: 0.08, for: 2m, min_events: 500, severity: page}
  receivers:
    - alertmanager: {urls: ["http://localhost:9093"]}
    - log: {}
)");
  const SourceConfig& source = config.sources.at(0);
  EXPECT_TRUE(source.kafka->topics[1].carries.only_labels());
  EXPECT_THAT(source.kafka->client.properties, ElementsAre(Pair("security.protocol", "PLAINTEXT")));
  EXPECT_EQ(source.ingest.guardrails.at(0).threshold, 0.8);
  const AlertRule& rule = config.monitor.rules.at(0);
  EXPECT_EQ(rule.name, "ToxicityBandWide");
  EXPECT_EQ(rule.statistic, "band_share");
  EXPECT_EQ(rule.guardrail, "toxicity");
  EXPECT_EQ(rule.above, 0.08);
  EXPECT_EQ(rule.below, std::nullopt);
  EXPECT_EQ(rule.hold_for, minutes(2));
  EXPECT_EQ(rule.min_events, 500);
  EXPECT_EQ(config.receivers.at(0).name, "alertmanager-0");
  EXPECT_THAT(config.receivers.at(0).alertmanager->options.urls,
              ElementsAre("http://localhost:9093"));
  EXPECT_EQ(config.receivers.at(1).name, "log-1");
  EXPECT_TRUE(config.receivers.at(1).log);
}

TEST(ConfigTest, ASourcesOwnKeysOverlayTheDefaultsWhateverTheOrderInTheFile) {
  const Config config = ParseValid(
      "sources:\n"
      "  - {name: a, demo: {}, band: 0.1, cohorts: []}\n"
      "  - {name: b, demo: {}, idle_timeout: 5s, label_partitioning: same_as_scores}\n"
      "defaults: {band: 0.2, allowed_lateness: 2m, cohorts: [lang]}\n");
  const SourceOptions& a = config.sources.at(0).ingest;
  const SourceOptions& b = config.sources.at(1).ingest;
  EXPECT_EQ(a.band, 0.1);
  EXPECT_EQ(b.band, 0.2);
  EXPECT_THAT(a.cohorts, IsEmpty());
  EXPECT_THAT(b.cohorts, ElementsAre("lang"));
  EXPECT_EQ(a.allowed_lateness, minutes(2));
  EXPECT_EQ(b.idle_timeout, seconds(5));
  EXPECT_FALSE(a.labels_follow_scores);
  EXPECT_TRUE(b.labels_follow_scores);
}

TEST(ConfigTest, GuardrailsGoToTheSourcesTheyApplyTo) {
  const Config config = ParseValid(
      "sources: [{name: a, demo: {}}, {name: b, demo: {}}]\n"
      "guardrails:\n"
      "  - {name: pii, label_horizon: 48h}\n"
      "  - {name: pii, source: b, category: '', band: 0.1, decided_by: decision_events}\n"
      "  - {name: router, source: b, score_kind: none, label_horizon: 72h}\n");
  const auto& a = config.sources.at(0).ingest.guardrails;
  const auto& b = config.sources.at(1).ingest.guardrails;
  ASSERT_THAT(a, SizeIs(1));
  ASSERT_THAT(b, SizeIs(3));
  EXPECT_EQ(a[0].label_horizon, hours(48));
  EXPECT_EQ(a[0].category, std::nullopt);
  EXPECT_EQ(b[1].category, "");
  EXPECT_TRUE(b[1].decided_by_decision_events);
  EXPECT_EQ(b[2].score_kind, ScoreKind::kDecisionsOnly);
}

TEST(ConfigTest, ReadingStartsTheLongestWindowAndTheHorizonBack) {
  const Config config = ParseValid(
      "sources:\n"
      "  - {name: a, kafka: {brokers: [b:1], topics: [t]}, label_horizon: 2h}\n"
      "  - {name: b, kafka: {brokers: [b:1], topics: [t], start: 5m}}\n"
      "defaults: {windows: [5m, 1h]}\n");
  EXPECT_EQ(config.sources.at(0).kafka->client.start.back, hours(3));
  EXPECT_EQ(config.sources.at(1).kafka->client.start.back, minutes(5));
}

TEST(ConfigTest, TheMonitorKnowsEachSourcesLimitsAndItsLongestHorizon) {
  const Config config = ParseValid(
      "sources: [{name: a, demo: {}, allowed_lateness: 30s}, {name: b, demo: {}, label_horizon: "
      "2h}]\n"
      "guardrails: [{name: slow, source: a, label_horizon: 48h}, {name: fast, source: b, "
      "label_horizon: 1h}]\n"
      "limits: {max_series: 7, max_values_per_dimension: 8, max_units: 9, max_versions_per_unit: "
      "10}\n"
      "web: {external_url: 'https://guardwatch.example.org/ops/'}\n");
  const auto& monitored = config.monitor.sources;
  ASSERT_THAT(monitored, SizeIs(2));
  EXPECT_EQ(monitored[0].name, "a");
  EXPECT_EQ(monitored[0].allowed_lateness, seconds(30));
  EXPECT_EQ(monitored[0].label_horizon, hours(48));
  EXPECT_EQ(monitored[1].label_horizon, hours(2));
  EXPECT_EQ(monitored[1].max_units, 9);
  EXPECT_EQ(config.monitor.max_series, 7);
  EXPECT_EQ(config.monitor.external_url, "https://guardwatch.example.org/ops");
  EXPECT_EQ(config.sources[0].ingest.max_values_per_dimension, 8);
  EXPECT_EQ(config.sources[0].ingest.max_versions_per_unit, 10);
}

TEST(ConfigTest, RulesApplyToCohortsAndVariants) {
  const Config config = ParseValid(WithSource(
      "alerting:\n"
      "  rules:\n"
      "    - {alert: A, metric: fail_rate, below: -1.5, per_cohort: lang, variant: candidate}\n"
      "    - {alert: B, metric: ece, above: 0, cohort: {dimension: lang, value: ''}, window: 24h,\n"
      "       keep_firing_for: 1d, summary: S, runbook_url: 'https://r.example.org/b'}\n"));
  const AlertRule& a = config.monitor.rules.at(0);
  const AlertRule& b = config.monitor.rules.at(1);
  EXPECT_EQ(a.cohort_dimension, "lang");
  EXPECT_EQ(a.cohort_value, std::nullopt);
  EXPECT_EQ(a.variant, "candidate");
  EXPECT_EQ(a.below, -1.5);
  EXPECT_EQ(b.cohort_dimension, "lang");
  EXPECT_EQ(b.cohort_value, "");
  EXPECT_EQ(b.window, hours(24));
  EXPECT_EQ(b.keep_firing_for, hours(24));
  EXPECT_EQ(b.runbook_url, "https://r.example.org/b");
}

TEST(ConfigTest, PathsAreRelativeToTheFile) {
  const auto result = ParseConfig(
      "sources:\n"
      "  - name: a\n"
      "    kafka:\n"
      "      brokers: ['[::1]:9092']\n"
      "      topics: [t]\n"
      "      start: earliest\n"
      "      properties_from_files: {sasl.password: ../secrets/kafka}\n"
      "  - name: b\n"
      "    files: {paths: [t-0.ndjson, /data/t-1.ndjson], topics: [t]}\n"
      "  - name: c\n"
      "    files: {directory: ., topics: [t]}\n",
      "/etc/guardwatch/guardwatch.yaml", ProcessEnvironment());
  ASSERT_EQ(Format(result.errors), "");
  const auto& sources = result.config->sources;
  EXPECT_THAT(sources[0].kafka->secret_files,
              ElementsAre(Pair("sasl.password", "/etc/secrets/kafka")));
  EXPECT_EQ(sources[0].kafka->client.start.from, StartPolicy::From::kEarliest);
  EXPECT_THAT(sources[1].files->paths,
              ElementsAre("/etc/guardwatch/t-0.ndjson", "/data/t-1.ndjson"));
  EXPECT_EQ(sources[2].files->directory, "/etc/guardwatch/");
}

TEST(ConfigTest, ReceiversTakeCredentialsAndCertificates) {
  const Config config = ParseValid(WithSource(
      "alerting:\n"
      "  receivers:\n"
      "    - name: ops\n"
      "      alertmanager:\n"
      "        urls: ['https://am-1/', 'https://am-2:9093/prefix']\n"
      "        timeout: 1500ms\n"
      "        resend_interval: 30s\n"
      "        ends_after: 5m\n"
      "        basic_auth: {username: u, password_file: p}\n"
      "        tls: {ca_file: ca.pem, cert_file: c.pem, key_file: k.pem, server_name: am}\n"));
  const ReceiverConfig& receiver = config.receivers.at(0);
  EXPECT_EQ(receiver.name, "ops");
  const AlertmanagerOptions& options = receiver.alertmanager->options;
  EXPECT_THAT(options.urls, ElementsAre("https://am-1", "https://am-2:9093/prefix"));
  EXPECT_EQ(options.timeout, std::chrono::milliseconds(1500));
  EXPECT_EQ(options.ends_after, minutes(5));
  EXPECT_EQ(receiver.alertmanager->resend_interval, seconds(30));
  EXPECT_EQ(options.basic_auth->password_file, "p");
  EXPECT_EQ(options.tls.server_name, "am");
}

TEST(ConfigTest, SectionsThatHoldNothingCountAsAbsent) {
  const Config config = ParseValid(WithSource("guardrails:\nalerting:\n  rules:\nweb:\n"));
  EXPECT_THAT(config.monitor.rules, IsEmpty());
  EXPECT_EQ(config.web.listen_address, "127.0.0.1:9464");
}

TEST(RedactedJsonTest, HidesSecretsAndShowsWhatIsInForce) {
  const std::string json = RedactedJson(ParseValid(
      "sources:\n"
      "  - name: gateway\n"
      "    kafka:\n"
      "      brokers: [h:1]\n"
      "      topics: [t]\n"
      "      properties: {sasl.username: me, sasl.password: hunter2, ssl.key.pem: hunter3,\n"
      "                   ssl.key.password: hunter4, sasl.oauthbearer.client.secret: hunter5}\n"
      "      properties_from_files: {ssl.keystore.password: /run/secrets/keystore}\n"
      "    band: 0.07\n"));
  EXPECT_EQ(json.find("hunter"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("sasl.password":"<secret>")"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("sasl.username":"me")"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("ssl.keystore.password":"/run/secrets/keystore")"), std::string::npos);
  EXPECT_NE(json.find(R"("band":0.07)"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("windows":["5m","1h","24h"])"), std::string::npos) << json;
}

}  // namespace
}  // namespace guardwatch
