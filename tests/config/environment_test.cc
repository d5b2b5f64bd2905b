#include "config/environment.h"

#include <gmock/gmock.h>

#include "config_testing.h"

namespace guardwatch {
namespace {

using ::testing::ElementsAre;
using testing::ErrorLines;
using testing::FakeEnvironment;
using testing::ParseValid;
using testing::WithSource;

std::string Expand(std::string_view text) {
  const auto environment =
      FakeEnvironment({{"HOST", "kafka-1"}, {"EMPTY", ""}, {"MONEY", "${env:X}$$"}});
  const auto expanded = ExpandEnvironment(text, environment);
  return expanded ? *expanded : "error: " + expanded.error().message;
}

TEST(EnvironmentTest, ReplacesVariables) {
  EXPECT_EQ(Expand("${env:HOST}:9092"), "kafka-1:9092");
  EXPECT_EQ(Expand("${env:HOST}${env:HOST}"), "kafka-1kafka-1");
  EXPECT_EQ(Expand("<${env:EMPTY}>"), "<>");
}

TEST(EnvironmentTest, TakesTheDefaultForUnsetAndEmptyVariables) {
  EXPECT_EQ(Expand("${env:NONE:-localhost}"), "localhost");
  EXPECT_EQ(Expand("${env:EMPTY:-localhost}"), "localhost");
  EXPECT_EQ(Expand("${env:HOST:-localhost}"), "kafka-1");
  EXPECT_EQ(Expand("<${env:NONE:-}>"), "<>");
  EXPECT_EQ(Expand("${env:NONE:-a:-b}"), "a:-b");
}

TEST(EnvironmentTest, TwoDollarsAreOneAndValuesAreNotExpandedAgain) {
  EXPECT_EQ(Expand("$$"), "$");
  EXPECT_EQ(Expand("$${env:HOST}"), "${env:HOST}");
  EXPECT_EQ(Expand("a$b$"), "a$b$");
  EXPECT_EQ(Expand("${env:MONEY}"), "${env:X}$$");
}

TEST(EnvironmentTest, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(Expand("${env:NONE}"), "error: the environment variable 'NONE' is not set");
  EXPECT_EQ(Expand("${HOST}"), "error: expected ${env:NAME} after a '$'");
  EXPECT_EQ(Expand("${env:1A}"), "error: expected ${env:NAME} with the name of a variable");
  EXPECT_EQ(Expand("${env:}"), "error: expected ${env:NAME} with the name of a variable");
  EXPECT_EQ(Expand("${env:HOST"), "error: '${' without a '}'");
}

TEST(EnvironmentTest, VariablesMayStandForNumbersEvenWhereYamlNeedsQuotes) {
  const Config config = ParseValid(
      "sources:\n"
      "  - name: ${env:NAME}\n"
      "    kafka: {brokers: ['${env:HOST:-localhost}:9092'], topics: [t]}\n"
      "    band: ${env:BAND}\n"
      "    label_sample: '${env:SAMPLE}'\n",
      {{"NAME", "gateway"}, {"BAND", "0.1"}, {"SAMPLE", "0.5"}});
  const SourceConfig& source = config.sources.at(0);
  EXPECT_EQ(source.ingest.name, "gateway");
  EXPECT_EQ(source.kafka->client.brokers, std::vector<std::string>{"localhost:9092"});
  EXPECT_EQ(source.ingest.band, 0.1);
  EXPECT_EQ(source.ingest.label_sample, 0.5);
}

TEST(EnvironmentTest, WhatAVariableHoldsCannotChangeTheStructure) {
  const Config config =
      ParseValid(WithSource("guardrails: [{name: '${env:NAME}'}]\n"), {{"NAME", "a}, {name: b"}});
  ASSERT_EQ(config.sources[0].ingest.guardrails.size(), 1u);
  EXPECT_EQ(config.sources[0].ingest.guardrails[0].guardrail, "a}, {name: b");
}

TEST(EnvironmentTest, AnUnsetVariableIsReportedOnceAtItsPlace) {
  EXPECT_THAT(
      ErrorLines(WithSource("workers: ${env:WORKERS}\nweb:\n  listen_address: ${env:A}\n")),
      ElementsAre("guardwatch.yaml:5:10: error: workers: the environment variable 'WORKERS' is "
                  "not set (write $$ for a '$' of its own, ${env:NAME:-x} for a default)",
                  "guardwatch.yaml:7:19: error: web.listen_address: the environment variable "
                  "'A' is not set (write $$ for a '$' of its own, ${env:NAME:-x} for a "
                  "default)"));
}

}  // namespace
}  // namespace guardwatch
