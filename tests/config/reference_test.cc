#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>

#include "config_testing.h"

// The files that users copy from and read must not fall behind the reader.

namespace guardwatch {
namespace {

using testing::FakeEnvironment;
using testing::Parse;
using testing::ParseValid;

const std::string kSourceDirectory = GUARDWATCH_SOURCE_DIR;

std::string ReadFile(const std::string& name) {
  std::ifstream file(kSourceDirectory + "/" + name);
  EXPECT_TRUE(file) << name;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(ReferenceFileTest, IsValidAndHasEveryKeyTheReaderLooksFor) {
  const auto result = Parse(ReadFile("config/guardwatch.reference.yaml"));
  EXPECT_EQ(Format(result.errors), "");
  EXPECT_GT(result.keys.size(), 90u);
  for (const auto& [key, written] : result.keys) EXPECT_TRUE(written) << key;
}

TEST(ReferenceFileTest, DocumentationHasEveryKeyTheReaderLooksFor) {
  const auto result = Parse(ReadFile("config/guardwatch.reference.yaml"));
  const std::string documentation = ReadFile("docs/configuration.md");
  for (const auto& [key, written] : result.keys) {
    EXPECT_NE(documentation.find("`" + key + "`"), std::string::npos) << key;
  }
}

TEST(ReferenceFileTest, ValuesThatAreNotExamplesAreTheDefaults) {
  // The reference file without everything that has a default.
  const Config without_defaults = ParseValid(R"(
sources:
  - name: gateway
    kafka:
      brokers: [localhost:9092]
      topics: [guardrail.events, {name: guardrail.labels, carries: [labels]}]
      properties: {security.protocol: SASL_SSL}
      properties_from_files: {sasl.password: /run/secrets/kafka}
  - {name: archive, files: {directory: archive, topics: [guardrail.events]}}
  - {name: replayed, files: {paths: [guardrail.events-0.ndjson], topics: [guardrail.events]}}
  - {name: demo, demo: {}}
guardrails:
  # These follow the source unless set, so what is written must equal what the source has.
  - {name: prompt-injection, source: gateway, category: jailbreak, threshold: 0.8, band: 0.05,
     label_horizon: 24h, cohorts: [lang, tier]}
alerting:
  drift: {baseline: {from: 2026-11-01T00:00:00Z, to: 2026-11-02T00:00:00Z}}
  rules:
    - {alert: WideBand, metric: band_share, source: gateway, guardrail: prompt-injection,
       category: jailbreak, above: 0.08, per_cohort: lang,
       summary: More scores than usual are near the threshold.,
       runbook_url: https://example.org/runbooks/wide-band}
    - {alert: LowRecall, metric: recall, below: 0.7, window: 24h,
       cohort: {dimension: tier, value: free}}
  receivers:
    - alertmanager:
        urls: ["http://localhost:9093"]
        basic_auth: {username: guardwatch, password_file: /run/secrets/alertmanager}
        tls: {ca_file: /etc/ssl/ca.pem, cert_file: /etc/ssl/me.pem, key_file: /etc/ssl/me.key,
              server_name: alertmanager}
    - alertmanager:
        urls: ["https://alertmanager.example.org"]
        bearer_token_file: /run/secrets/token
    - log: {}
web: {external_url: http://localhost:9464}
storage: {path: /var/lib/guardwatch}
)");
  const Config reference = ParseValid(ReadFile("config/guardwatch.reference.yaml"));
  EXPECT_EQ(RedactedJson(reference), RedactedJson(without_defaults));
  const SourceOptions& source = reference.sources.at(0).ingest;
  EXPECT_EQ(source.guardrails.at(0).band, source.band);
  EXPECT_EQ(source.guardrails.at(0).label_horizon, source.label_horizon);
}

TEST(ReferenceFileTest, EveryConfigurationThatIsShippedIsValid) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kSourceDirectory + "/config")) {
    if (entry.path().extension() != ".yaml") continue;
    const auto result = LoadConfigFile(entry.path().string(), FakeEnvironment({}));
    EXPECT_EQ(Format(result.errors), "");
    ++files;
  }
  EXPECT_GE(files, 2);
}

// The reference file without its comments, which are of no interest to a parser.
std::string ReferenceText() {
  std::istringstream lines(ReadFile("config/guardwatch.reference.yaml"));
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    line.resize(std::min(line.size(), line.find('#')));
    line.resize(line.find_last_not_of(' ') + 1);
    if (!line.empty()) text += line + "\n";
  }
  return text;
}

// Whatever is cut off, the reader says something sensible or accepts the rest; it never crashes.
TEST(ReferenceFileTest, CutOffAnywhereIsReadOrReported) {
  const std::string text = ReferenceText();
  for (std::size_t length = 0; length < text.size(); ++length) {
    const auto result = Parse(std::string_view(text).substr(0, length));
    ASSERT_EQ(result.config.has_value(), result.errors.empty()) << length;
    for (const ConfigError& error : result.errors) {
      ASSERT_GE(error.line, 1) << length;
      ASSERT_GE(error.column, 1) << length;
      ASSERT_FALSE(Format(error).empty());
    }
  }
}

TEST(ReferenceFileTest, WithAnyByteReplacedIsReadOrReported) {
  const std::string text = ReferenceText();
  constexpr std::string_view kReplacements = "\x01\n\t{}[]:*&!'\"#|\xFF";
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string broken = text;
    broken[i] = kReplacements[i % kReplacements.size()];
    const auto result = Parse(broken);
    ASSERT_EQ(result.config.has_value(), result.errors.empty()) << i;
  }
}

}  // namespace
}  // namespace guardwatch
