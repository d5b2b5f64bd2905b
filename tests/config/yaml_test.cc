#include <gmock/gmock.h>

#include "config/yaml_document.h"
#include "config_testing.h"

namespace guardwatch {
namespace {

using ::testing::ElementsAre;
using testing::ErrorLines;
using ::testing::IsEmpty;
using testing::ParseValid;
using ::testing::SizeIs;
using testing::WithSource;

TEST(YamlTest, SyntaxErrorsHaveAPlace) {
  EXPECT_THAT(ErrorLines("sources: [\n"),
              ElementsAre("guardwatch.yaml:2:1: error: not valid YAML: end of sequence flow not "
                          "found"));
  EXPECT_THAT(ErrorLines("a: b\n c: d\n"),
              ElementsAre("guardwatch.yaml:2:3: error: not valid YAML: illegal map value"));
}

TEST(YamlTest, AnEmptyFileLacksSources) {
  const auto lacks_sources =
      ElementsAre("guardwatch.yaml:1:1: error: missing key 'sources' at the top level");
  EXPECT_THAT(ErrorLines(""), lacks_sources);
  EXPECT_THAT(ErrorLines("# nothing\n"), lacks_sources);
  EXPECT_THAT(ErrorLines("[]"),
              ElementsAre("guardwatch.yaml:1:1: error: expected a map, got an empty list"));
}

TEST(YamlTest, DuplicateKeysAreErrors) {
  EXPECT_THAT(
      ErrorLines(WithSource("workers: 1\nlog: {level: info, level: info}\nworkers: 2\n")),
      ElementsAre("guardwatch.yaml:6:20: error: duplicate key 'level' in log (first in line "
                  "6)",
                  "guardwatch.yaml:7:1: error: duplicate key 'workers' at the top level "
                  "(first in line 5)"));
}

TEST(YamlTest, NumbersAreDecimalWithoutQuotesAndLeadingZeros) {
  const auto error_for = [](const std::string& text) {
    const auto errors = ErrorLines(WithSource("limits: {max_units: " + text + "}\n"));
    return errors.empty() ? "" : errors[0].substr(errors[0].find("got"));
  };
  EXPECT_EQ(error_for("10"), "");
  EXPECT_EQ(error_for("010"), "got '010' (write it without leading zeros)");
  EXPECT_EQ(error_for("\"10\""), "got '10' (write it without quotes)");
  EXPECT_EQ(error_for("0x10"), "got '0x10'");
  EXPECT_EQ(error_for("+10"), "got '+10'");
  EXPECT_EQ(error_for("1e2"), "got '1e2'");
  EXPECT_EQ(error_for("10.0"), "got '10.0'");
  EXPECT_EQ(error_for("99999999999999999999"), "got '99999999999999999999'");
  EXPECT_EQ(error_for("~"), "got nothing");
  EXPECT_EQ(error_for("[10]"), "got a list");
  EXPECT_EQ(error_for("{a: 1}"), "got a map");
}

TEST(YamlTest, InfinityAndNanAreNoNumbers) {
  for (const char* text : {".inf", "inf", "nan", ".nan", "-", "0.5x", "00.5", "1e999"}) {
    EXPECT_THAT(ErrorLines(WithSource("defaults: {band: " + std::string(text) + "}\n")), SizeIs(1))
        << text;
  }
  EXPECT_EQ(ParseValid(WithSource("defaults: {band: 5e-2}\n")).sources[0].ingest.band, 0.05);
}

TEST(YamlTest, OnlyTrueAndFalseAreTruthValues) {
  const auto errors_for = [](const std::string& text) {
    return ErrorLines(
        WithSource("alerting: {receivers: [alertmanager: {urls: ['http://a'], tls: "
                   "{insecure_skip_verify: " +
                   text + "}}]}\n"));
  };
  EXPECT_THAT(errors_for("true"), IsEmpty());
  EXPECT_THAT(errors_for("yes"), SizeIs(1));
  EXPECT_THAT(errors_for("True"), SizeIs(1));
  EXPECT_THAT(errors_for("'true'"), SizeIs(1));
}

TEST(YamlTest, DurationsNeedAUnit) {
  const auto error_for = [](const std::string& text) {
    const auto errors = ErrorLines(WithSource("flush_interval: " + text + "\n"));
    return errors.empty() ? "" : errors[0].substr(errors[0].find("expected"));
  };
  EXPECT_EQ(error_for("500ms"), "");
  EXPECT_EQ(error_for("5"),
            "expected a duration from 10ms to 10s, got '5' (a unit is missing, as in 5s)");
  EXPECT_EQ(error_for("5 s"),
            "expected a duration from 10ms to 10s, got '5 s' (as in 250ms, 90s, 5m, 1h30m or 7d)");
  EXPECT_EQ(error_for("11s"), "expected a duration from 10ms to 10s, got '11s'");
}

TEST(YamlTest, AnchorsAndAliasesStandForTheirValues) {
  const Config config = ParseValid(
      "sources:\n"
      "  - {name: a, kafka: &k {brokers: [h:1], topics: [t]}, cohorts: &c [lang, tier]}\n"
      "  - {name: b, kafka: *k, cohorts: *c}\n");
  ASSERT_EQ(config.sources.size(), 2u);
  EXPECT_EQ(config.sources[1].kafka->client.brokers, std::vector<std::string>{"h:1"});
  EXPECT_EQ(config.sources[1].ingest.cohorts, (std::vector<std::string>{"lang", "tier"}));
}

TEST(YamlTest, MergeKeysTagsAndSecondDocumentsAreErrors) {
  EXPECT_THAT(ErrorLines(WithSource("log: &l {level: info}\nweb:\n  <<: *l\n")),
              ElementsAre("guardwatch.yaml:7:3: error: unknown key '<<' in web (merge keys are not "
                          "supported; repeat the keys)"));
  EXPECT_THAT(ErrorLines(WithSource("workers: !!int 1\n")),
              ElementsAre("guardwatch.yaml:5:10: error: tags such as '!!str' are not supported"));
  EXPECT_THAT(ErrorLines(WithSource("---\nworkers: 1\n")),
              ElementsAre("guardwatch.yaml:5:1: error: a second document begins here"));
  EXPECT_THAT(ErrorLines(WithSource("? [workers]\n: 1\n")), SizeIs(1));
}

TEST(YamlTest, SizeDepthAndNumberOfValuesAreLimited) {
  EXPECT_THAT(ErrorLines(std::string((1 << 20) + 1, '#')),
              ElementsAre("guardwatch.yaml:1:1: error: the file is larger than 1 MiB"));
  EXPECT_THAT(ErrorLines(std::string(33, '[') + std::string(33, ']')),
              ElementsAre("guardwatch.yaml:1:33: error: nested more than 32 levels deep"));
  EXPECT_THAT(ErrorLines(std::string(20'000, '[')), SizeIs(1));
  // Each line has ten times the values of the one before.
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (char i = '1'; i <= '9'; ++i) {
    const std::string alias{'*', 'a', static_cast<char>(i - 1)};
    bomb.append("a").append(1, i).append(": &a").append(1, i).append(" [").append(alias);
    for (int j = 1; j < 10; ++j) bomb.append(", ").append(alias);
    bomb.append("]\n");
  }
  EXPECT_THAT(ErrorLines(bomb),
              ElementsAre("guardwatch.yaml:5:40: error: more than 100000 values (aliases count as "
                          "often as they are used)"));
}

TEST(YamlTest, AnAliasWithinItsOwnAnchorIsAnError) {
  EXPECT_THAT(ErrorLines("a: &a [*a]\n"),
              ElementsAre("guardwatch.yaml:1:8: error: an alias within its own anchor"));
}

}  // namespace
}  // namespace guardwatch
