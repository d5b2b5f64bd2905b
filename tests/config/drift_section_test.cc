// alerting.drift: where baselines come from, and files of baselines held against the configuration.

#include <gtest/gtest.h>

#include "base/rfc3339.h"
#include "config/baseline_file.h"
#include "config_testing.h"

namespace guardwatch {
namespace {

using testing::ErrorLines;
using testing::ParseValid;
using testing::WithSource;

std::string Baseline(std::string_view text) {
  return WithSource("alerting:\n  drift:\n    baseline: " + std::string(text) + "\n");
}

TEST(DriftSectionTest, ABaselineIsAPeriodOrAFile) {
  const DriftOptions period =
      ParseValid(Baseline("{from: 2026-11-01T00:00:00Z, to: 2026-11-02T00:00:00Z}")).monitor.drift;
  EXPECT_EQ(FormatRfc3339(period.period.from), "2026-11-01T00:00:00Z");
  EXPECT_EQ(FormatRfc3339(period.period.to), "2026-11-02T00:00:00Z");
  const auto file = [](std::string_view path) {
    return ParseValid(WithSource("alerting: {drift: {baseline_file: " + std::string(path) + "}}\n"))
        .monitor.drift.given_from;
  };
  EXPECT_EQ(file("/etc/baselines.json"), "/etc/baselines.json");
  EXPECT_EQ(file("\"\""), "");
  EXPECT_FALSE(ParseValid(testing::kSource).monitor.drift.period);
}

TEST(DriftSectionTest, SaysWhatIsWrongWithIt) {
  const auto error = [](std::string_view text) {
    const auto lines = ErrorLines(Baseline(text));
    return lines.size() == 1 ? lines.front() : std::to_string(lines.size()) + " errors";
  };
  EXPECT_NE(error("{from: 2026-11-01T00:00:00Z}").find("'to'"), std::string::npos);
  EXPECT_NE(error("{from: 2026-11-01T00:00:00Z, to: 2026-11-01T00:10:00Z}").find("at least 1h"),
            std::string::npos);
  EXPECT_NE(error("{from: monday, to: 2026-11-02T00:00:00Z}").find("expected an RFC 3339 time"),
            std::string::npos);
}

// A file with one rate of one version, and `unit` in place of what names it.
std::string File(std::string_view unit, std::string_view rates) {
  return R"({"format": "guardwatch.baselines/v1", "coarse_pane": "10m", "slots": "none",
"model_versions": [
{)" + std::string(unit) +
         R"(, "variant": "live", "model_version": "v1",
"rates": {)" +
         std::string(rates) + R"(}}]})";
}

constexpr std::string_view kUnit =
    R"("source": "gateway", "guardrail": "toxicity", "category": "")";
constexpr std::string_view kRate = R"("fail_rate": {"from": "2026-11-01T00:00:10Z", "panes": 12000,
"n": 1000, "s": 20, "steps": 900, "dispersion": 1.5, "slow_sd": 0.01, "tempering": 1.875,
"tolerance": 0.1, "unchanged": [[0.0125, 0.0325]]})";

Config Listing() { return ParseValid(WithSource("guardrails:\n  - name: toxicity\n")); }

std::vector<std::string> Errors(const std::string& text) {
  std::vector<std::string> lines;
  for (ConfigError error : ParseBaselines(text, "baselines.json", Listing()).errors) {
    error.excerpt.clear();
    lines.push_back(Format(error));
  }
  return lines;
}

TEST(BaselineFileTest, IsReadToTheBit) {
  const auto result = ParseBaselines(File(kUnit, kRate), "baselines.json", Listing());
  EXPECT_EQ(Format(result.errors), "");
  ASSERT_TRUE(result.baselines);
  ASSERT_EQ(result.baselines->size(), 1u);
  const BaselineSet& set = result.baselines->front();
  EXPECT_EQ(set.unit.guardrail, "toxicity");
  EXPECT_EQ(set.model_version, "v1");
  EXPECT_EQ(set.coarse, std::chrono::minutes(10));
  const auto& rate = set.rates.at("fail_rate");
  EXPECT_EQ(rate.rate, .02);
  EXPECT_EQ(rate.tempering, 1.875);
  EXPECT_EQ(rate.null, (std::vector<NullInterval>{{.0125, .0325}}));
  EXPECT_EQ(rate.dispersion[0], 1.5);
  EXPECT_EQ(rate.dispersion[1], std::nullopt);
  EXPECT_EQ(FormatRfc3339(PaneStart(rate.first)), "2026-11-01T00:00:10Z");
}

TEST(BaselineFileTest, AnotherGuardrailSourceOrGridIsRefusedWithPlaceAndHint) {
  EXPECT_EQ(Errors(File(R"("source": "gatway", "guardrail": "toxicity", "category": "")", kRate)),
            (std::vector<std::string>{
                "baselines.json:3:12: error: model_versions[0].source: there is no source 'gatway' "
                "in the configuration (did you mean 'gateway'?)"}));
  EXPECT_EQ(
      Errors(File(R"("source": "gateway", "guardrail": "toxcity", "category": "")", kRate)),
      (std::vector<std::string>{
          "baselines.json:3:36: error: model_versions[0].guardrail: no guardrail 'toxcity' is "
          "configured (did you mean 'toxicity'?)"}));
  std::string text = File(kUnit, kRate);
  text.replace(text.find("10m"), 3, "1h");
  const auto other_grid = Errors(text);
  ASSERT_EQ(other_grid.size(), 1u);
  EXPECT_NE(other_grid[0].find("it was learned on panes of 1h, and windows and label_horizon as "
                               "configured need 10m (write it anew with guardwatchctl baseline)"),
            std::string::npos)
      << other_grid[0];
  text = File(kUnit, kRate);
  text.replace(text.find("none"), 4, "hour_of_day");
  EXPECT_NE(Errors(text)[0].find("other slots"), std::string::npos);
}

TEST(BaselineFileTest, WhatCannotBeIsRefused) {
  EXPECT_NE(Errors(File(kUnit, R"("fail_rat": {})"))[0].find("did you mean 'fail_rate'?"),
            std::string::npos);
  std::string text = File(kUnit, kRate);
  text.replace(text.find("\"s\": 20"), 7, "\"s\": 1001");
  EXPECT_NE(Errors(text)[0].find("fail_rate.s: expected a whole number from 0 to 1000"),
            std::string::npos)
      << Errors(text)[0];
  text = File(kUnit, kRate);
  text.replace(text.find("00:00:10Z"), 9, "00:00:11Z");
  EXPECT_NE(Errors(text)[0].find("not the beginning of a pane of 10s"), std::string::npos);
  text = File(kUnit, kRate);
  text.replace(text.find("0.0325"), 6, "0.0025");
  EXPECT_NE(Errors(text)[0].find("expected the lower limit first"), std::string::npos);
  EXPECT_NE(Errors("{\"format\": \"something\"}")[0].find("no file of baselines"),
            std::string::npos);
  EXPECT_FALSE(Errors("nonsense").empty());
}

TEST(BaselineFileTest, AFileThatIsNotThereIsAnErrorOfTheConfiguration) {
  const auto result = LoadBaselines("/nowhere/baselines.json", Listing());
  ASSERT_EQ(result.errors.size(), 1u);
  EXPECT_NE(Format(result.errors[0]).find("cannot be read"), std::string::npos);
}

}  // namespace
}  // namespace guardwatch
