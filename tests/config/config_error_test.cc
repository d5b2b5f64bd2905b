#include <gmock/gmock.h>

#include "config_testing.h"

namespace guardwatch {
namespace {

using ::testing::ElementsAre;
using testing::ErrorLines;
using testing::Parse;
using testing::WithSource;

TEST(ConfigErrorTest, IsPrintedWithPlaceHintAndExcerpt) {
  const auto result =
      Parse(WithSource("guardrails:\n"
                       "  - name: toxicity\n"
                       "    treshold: 0.8\n"));
  EXPECT_EQ(Format(result.errors),
            "guardwatch.yaml:7:5: error: unknown key 'treshold' in guardrails[0] (did you mean "
            "'threshold'?)\n"
            "    7 |     treshold: 0.8\n"
            "      |     ^~~~~~~~\n");
  ASSERT_EQ(result.errors.size(), 1u);
  EXPECT_EQ(result.errors[0].path, "guardrails[0]");
  EXPECT_EQ(result.errors[0].line, 7);
  EXPECT_EQ(result.errors[0].column, 5);
  EXPECT_FALSE(result.config);
}

TEST(ConfigErrorTest, PointsAtTheRightColumnBehindTabsAndOtherAlphabets) {
  ConfigError error{.file = "f",
                    .line = 12345,
                    .column = 6,
                    .path = "",
                    .message = "m",
                    .hint = "",
                    .excerpt = "\t\xC3\xA4: xyz",
                    .width = 2};
  EXPECT_EQ(Format(error), "f:12345:6: error: m\n12345 | \t\xC3\xA4: xyz\n      | \t   ^~");
  error.column = 100;
  EXPECT_EQ(Format(error), "f:12345:100: error: m\n12345 | \t\xC3\xA4: xyz\n      | \t      ^");
}

TEST(ConfigErrorTest, AllErrorsAreReportedAtOnceInTheOrderOfTheFile) {
  EXPECT_THAT(
      ErrorLines("workers: many\n"
                 "defaults: {band: 2, window: [5m]}\n"
                 "sources:\n"
                 "  - name: gateway\n"
                 "    kafka:\n"
                 "      broker: [localhost:9092]\n"
                 "      topics: [guardrail.events]\n"
                 "alerting:\n"
                 "  rules:\n"
                 "    - {alert: A, metric: band_shar, above: 0.1, below: 0.1}\n"),
      ElementsAre(
          "guardwatch.yaml:1:10: error: workers: expected a whole number from 0 to 64, got 'many'",
          "guardwatch.yaml:2:18: error: defaults.band: expected a number from 0 to 1, got '2'",
          "guardwatch.yaml:2:21: error: unknown key 'window' in defaults (did you mean 'windows'?)",
          "guardwatch.yaml:6:7: error: missing key 'brokers' in sources[0].kafka",
          "guardwatch.yaml:6:7: error: unknown key 'broker' in sources[0].kafka (did you mean "
          "'brokers'?)",
          "guardwatch.yaml:10:7: error: alerting.rules[0]: expected either 'above' or 'below'",
          "guardwatch.yaml:10:26: error: alerting.rules[0].metric: unknown metric 'band_shar' (did "
          "you mean 'band_share'?)"));
}

TEST(ConfigErrorTest, ALineThatMayHoldASecretIsNotQuoted) {
  const auto result = Parse(
      "sources:\n"
      "  - name: gateway\n"
      "    kafka: {brokers: [a:1], topics: [t], properties: {sasl.password: hunter2, group.id: "
      "x}}\n");
  EXPECT_EQ(
      Format(result.errors),
      "guardwatch.yaml:3:89: error: sources[0].kafka.properties.group.id: this property cannot "
      "be set (use 'group_id')\n");
}

TEST(ConfigErrorTest, LongValuesAndLinesAreCut) {
  const std::string name(300, 'x');
  const auto result = Parse(WithSource("workers: " + name + "\n"));
  EXPECT_EQ(Format(result.errors),
            "guardwatch.yaml:5:10: error: workers: expected a whole number from 0 to 64, got '" +
                std::string(64, 'x') + "...'\n");
}

TEST(ConfigErrorTest, AFileThatCannotBeReadSaysWhichAndWhy) {
  const auto missing = LoadConfigFile("/nonexistent/guardwatch.yaml", ProcessEnvironment());
  EXPECT_EQ(Format(missing.errors),
            "/nonexistent/guardwatch.yaml: error: cannot be read: No such file or directory\n");
  const auto folder = LoadConfigFile("/", ProcessEnvironment());
  EXPECT_EQ(Format(folder.errors), "/: error: cannot be read: Is a directory\n");
}

TEST(ConfigErrorTest, AnEndlessFileIsTooLarge) {
  const auto result = LoadConfigFile("/dev/zero", ProcessEnvironment());
  EXPECT_EQ(Format(result.errors), "/dev/zero:1:1: error: the file is larger than 1 MiB\n");
}

}  // namespace
}  // namespace guardwatch
