// The whole pipeline with its threads, from files to windows.

#include "app/replay.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "base/json_writer.h"
#include "config/config.h"
#include "expose/window_json.h"
#include "source/generator.h"
#include "source/ndjson_writer.h"

namespace guardwatch {
namespace {

constexpr std::string_view kConfig = R"(
sources:
  - name: gateway
    kafka:
      brokers: [localhost:9092]
      topics: [guardrail.events, {name: guardrail.labels, carries: [labels]}]
    cohorts: [lang]
    label_horizon: 30m
    label_lateness: 2m
defaults: {windows: [5m, 1h]}
)";

class ReplayTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "replay-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void Generate(std::int64_t events) {
    ScenarioOptions options;
    options.scenario = Scenario::kCohortRegression;
    options.seed = 11;
    options.partitions = 4;
    options.label_partitions = 3;
    options.events = events;
    options.rate = 5;
    options.label_delay = std::chrono::minutes(2);
    options.label_lateness = std::chrono::minutes(2);
    Generator generator(options);
    auto writer = NdjsonWriter::Open(folder_.string());
    ASSERT_TRUE(writer);
    GeneratedRecord record;
    while (generator.Next(record)) {
      ASSERT_TRUE(writer->Append({record.topic, record.partition}, record.payload));
    }
    ASSERT_TRUE(writer->Close());
  }

  ReplayOptions Files() const {
    ReplayOptions options;
    options.panes = true;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      options.files.push_back(entry.path().string());
    }
    return options;
  }

  static Config Parse() {
    ConfigResult parsed = ParseConfig(
        kConfig, "test.yaml", [](const std::string&) { return std::optional<std::string>(); });
    return *std::move(parsed.config);
  }

  // Every number of every window and pane, as text.
  std::string Run(int workers) {
    Config config = Parse();
    config.workers = workers;
    auto result = Replay(std::move(config), Files(), log_, nullptr);
    if (!result) return result.error().message;
    JsonWriter json;
    json.BeginArray();
    for (const SeriesWindow& row : result->windows) WriteWindow(json, row.key, row.window);
    for (const SeriesHistory& history : result->panes) {
      for (const HistoryPoint& p : history.points) {
        WritePane(json, history.key, {p.end - p.start, WindowViewKind::kMatured, p.end, p.total});
      }
    }
    return json.EndArray().Take();
  }

  std::filesystem::path folder_;
  Logger log_{{LogLevel::kError, false}};
};

TEST_F(ReplayTest, TheNumberOfWorkersChangesNothing) {
  Generate(8'000);
  const std::string one = Run(1);
  EXPECT_GT(one.size(), 100'000u);
  EXPECT_EQ(Run(2), one);
  EXPECT_EQ(Run(4), one);
}

TEST_F(ReplayTest, AFileOfAnUnknownTopicIsAnErrorThatNamesIt) {
  std::ofstream(folder_ / "other-0.ndjson") << "{}\n";
  const auto result = Replay(Parse(), Files(), log_, nullptr);
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("other-0.ndjson"), std::string::npos);
}

TEST_F(ReplayTest, RejectedLinesAreCountedAndNothingElseHappens) {
  std::ofstream(folder_ / "guardrail.events-0.ndjson") << "nonsense\n\n{\"guardrail\":\"g\"}\n";
  const auto result = Replay(Parse(), Files(), log_, nullptr);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->windows.empty());
  const LogCounters& counters = result->snapshot->sources.at(0)->logs.at(0).counters;
  const auto rejected = [&](RejectReason reason) {
    return counters.rejected[static_cast<std::size_t>(reason)];
  };
  EXPECT_EQ(rejected(RejectReason::kMalformedJson), 1);
  EXPECT_EQ(rejected(RejectReason::kTombstone), 1);
  EXPECT_EQ(rejected(RejectReason::kMissingField), 1);
}

}  // namespace
}  // namespace guardwatch
