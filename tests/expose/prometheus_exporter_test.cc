#include "expose/prometheus_exporter.h"

#include <cstdio>
#include <fstream>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "example.h"
#include "expose/metric_table.h"
#include "support/golden.h"
#include "support/snapshot_builder.h"

namespace guardwatch {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string RenderExample() {
  return PrometheusExporter().Render(ExampleSnapshot(), ExampleSelf());
}

// Names in the `# TYPE` lines of an exposition.
std::set<std::string> Families(const std::string& text) {
  std::set<std::string> families;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# TYPE ")) families.insert(line.substr(7, line.rfind(' ') - 7));
  }
  return families;
}

TEST(PrometheusExporter, WritesTheExampleAsAgreed) { ExpectGolden("metrics.txt", RenderExample()); }

TEST(PrometheusExporter, FindsNothingForPromtoolToCriticise) {
  const std::string file = testing::TempDir() + "guardwatch_metrics.txt";
  std::ofstream(file, std::ios::binary) << RenderExample();
  FILE* promtool = popen(("promtool check metrics < " + file + " 2>&1").c_str(), "r");
  ASSERT_NE(promtool, nullptr);
  std::string output;
  for (int c = std::fgetc(promtool); c != EOF; c = std::fgetc(promtool)) {
    output.push_back(static_cast<char>(c));
  }
  EXPECT_EQ(pclose(promtool), 0) << output;
  EXPECT_EQ(output, "");
}

TEST(PrometheusExporter, ShowsEveryMetricOfTheTable) {
  PrometheusExporter exporter;
  exporter.Render(ExampleSnapshot(),
                  ExampleSelf());  // The second one knows how long the first took.
  const std::set<std::string> shown = Families(exporter.Render(ExampleSnapshot(), ExampleSelf()));
  std::set<std::string> rows;
  for (const Metric& metric : MetricTable()) rows.insert(metric.name);
  EXPECT_EQ(shown, rows);
}

TEST(PrometheusExporter, WritesNoSampleTwice) {
  std::set<std::string> seen;
  std::istringstream lines(RenderExample());
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) continue;
    EXPECT_TRUE(seen.insert(line.substr(0, line.rfind(' '))).second) << line;
  }
}

TEST(PrometheusExporter, LeavesOutWhatCannotBeComputed) {
  const std::string text = RenderExample();
  EXPECT_THAT(text, Not(HasSubstr("} Nan\n")));  // As the serializer spells it.
  EXPECT_THAT(text, Not(HasSubstr("band_share_ratio{source=\"gateway\",guardrail=\"pii")));
}

TEST(PrometheusExporter, SumsOverBinsToTheTotalAlsoWithoutScores) {
  EXPECT_THAT(RenderExample(), HasSubstr("window=\"5m\",view=\"current\",bin=\"none\"} 8\n"));
}

TEST(PrometheusExporter, NeverLetsACounterGoDown) {
  const auto with_joined = [](std::int64_t joined) {
    SourceView source;
    source.name = "gateway";
    source.labels = {{"toxicity", "", {joined}}};
    return SnapshotBuilder("2026-11-22T10:00:00Z").Source(source).Build();
  };
  const std::string series =
      R"(guardwatch_labels_total{source="gateway",guardrail="toxicity",category="",outcome="joined"} )";
  PrometheusExporter exporter;
  EXPECT_THAT(exporter.Render(with_joined(10), {}), HasSubstr(series + "10\n"));
  EXPECT_THAT(exporter.Render(with_joined(9), {}), HasSubstr(series + "10\n"));
  EXPECT_THAT(exporter.Render(with_joined(11), {}), HasSubstr(series + "11\n"));
}

TEST(PrometheusExporter, ForgetsCountersThatWereGone) {
  SeriesView series;
  series.key.unit = {"gateway", "toxicity", ""};
  series.scored_total = 10;
  const Snapshot with = SnapshotBuilder("2026-11-22T10:00:00Z").Series(series).Build();
  series.scored_total = 1;
  const Snapshot anew = SnapshotBuilder("2026-11-22T10:00:00Z").Series(series).Build();
  PrometheusExporter exporter;
  exporter.Render(with, {});
  exporter.Render(Snapshot{}, {});
  EXPECT_THAT(exporter.Render(anew, {}), HasSubstr(R"(model_version="",variant="live"} 1)"));
}

TEST(PrometheusExporter, CountsTheCohortSeriesItLeavesOut) {
  const std::string text =
      PrometheusExporter({.max_cohort_series = 1}).Render(ExampleSnapshot(), ExampleSelf());
  EXPECT_THAT(text, HasSubstr("guardwatch_cohort_series_left_out 1\n"));
  EXPECT_THAT(text, HasSubstr(R"(dimension="lang",value="de")"));
  EXPECT_THAT(
      text,
      Not(HasSubstr(
          R"(scored_events{source="gateway",guardrail="toxicity-1",category="hate",model_version="tox-v12",variant="live",window="1h",dimension="lang",value="en")")));
}

TEST(PrometheusExporter, DropsTheCohortsOfAnEmptyWindow) {
  std::istringstream lines(RenderExample());
  bool hour_seen = false;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("guardwatch_window_cohort_scored_events{")) continue;
    if (line.find(R"(value="en")") == std::string::npos) continue;
    EXPECT_THAT(line, HasSubstr(R"(window="1h")"));
    hour_seen = true;
  }
  EXPECT_TRUE(hour_seen);
}

TEST(PrometheusExporter, ShowsTheSlowestOfTheWorkersThatReadALog) {
  SelfMetrics self;
  self.lags = {
      {"gateway", "labels", 0, 5}, {"gateway", "labels", 0, 9}, {"gateway", "labels", 0, 7}};
  const std::string text = PrometheusExporter().Render(Snapshot{}, self);
  const std::string series =
      R"(guardwatch_log_lag_records{source="gateway",topic="labels",partition="0"} )";
  EXPECT_THAT(text, HasSubstr(series + "9\n"));
  EXPECT_EQ(text.find(series), text.rfind(series));
}

TEST(PrometheusExporter, CountsItsOwnSamples) {
  const std::string text = RenderExample();
  std::int64_t samples = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) samples += line.starts_with('#') ? 0 : 1;
  EXPECT_THAT(text, HasSubstr("guardwatch_exported_series " + std::to_string(samples) + "\n"));
}

}  // namespace
}  // namespace guardwatch
