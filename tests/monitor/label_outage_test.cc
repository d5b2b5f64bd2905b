// Labels that stay away, and the times of alerts on labels: one page per source, and the same
// however the events are read.

#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "monitor/monitor.h"
#include "support/state_map.h"

namespace guardwatch {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::uint64_t kSeed = 20261127;
constexpr PaneIndex kFirstPane = 179'000'000;
constexpr PaneIndex kPanesPerHour = 360;

MonitorOptions Options() {
  MonitorOptions options;
  options.sources.push_back(
      {.name = "gateway", .label_lateness = minutes(5), .label_horizon = minutes(20)});
  options.windows = {minutes(5), hours(1)};
  options.drift.learn = hours(6);
  options.drift.quiet = hours(6);
  options.durable = true;
  return options;
}

// The traffic of one hour, of two guardrails.
struct Hour {
  double labeled = .2;
  double flagged = .1;
  double recall = .9;
};

Aggregate Events(std::mt19937_64& random, const Hour& hour) {
  std::uniform_real_distribution<double> uniform;
  Aggregate a;
  for (int i = 0; i < 40; ++i) {
    ++a.scored;
    ++a.decided;
    ++a.sampled;
    const bool positive = uniform(random) < .1;
    const bool flagged = positive ? uniform(random) < hour.recall : uniform(random) < hour.flagged;
    a.flagged += flagged ? 1 : 0;
    if (uniform(random) >= hour.labeled) continue;
    ++a.labeled;
    a.positive += positive ? 1 : 0;
    ++(flagged    ? positive ? a.true_positive : a.false_positive
       : positive ? a.false_negative
                  : a.true_negative);
  }
  return a;
}

// Runs the hours, reported in batches of so many panes.
std::unique_ptr<Monitor> Watch(const std::vector<Hour>& story, PaneIndex panes_per_batch) {
  std::mt19937_64 random(kSeed);
  auto monitor = std::make_unique<Monitor>(Options());
  monitor->ExpectShard(0, 0);
  const auto panes = static_cast<PaneIndex>(story.size()) * kPanesPerHour;
  ShardBatch batch;
  for (PaneIndex i = 0; i < panes; ++i) {
    const Hour& hour = story[static_cast<std::size_t>(i / kPanesPerHour)];
    for (SeriesId id = 0; id < 2; ++id) {
      batch.deltas.push_back({id, kFirstPane + i, Events(random, hour)});
    }
    if ((i + 1) % panes_per_batch != 0 && i + 1 < panes) continue;
    const EventTime end = PaneEnd(kFirstPane + i);
    batch.honoured = {end, end};
    if (batch.sequence == 0) {
      batch.new_logs.push_back({0, "guardrail.events", 0, {}});
      batch.new_logs.push_back({1, "guardrail.labels", 0, {false, false, true}});
      for (SeriesId id = 0; id < 2; ++id) {
        SeriesKey key;
        key.unit = {"gateway", id == 0 ? "pii" : "toxicity", ""};
        key.model_version = "v1";
        batch.new_series.push_back({id, key});
      }
    }
    LogChange log;
    log.from = static_cast<std::int64_t>(batch.sequence);
    log.to = log.from + 1;
    log.progress = end + std::chrono::seconds(60);
    log.state = LogState::kActive;
    if (i % 60 < panes_per_batch) {
      log.passages.push_back({PaneOf(end - kPaneWidth, LogPassage::kGrid), log.from});
    }
    batch.logs.push_back(log);
    log.log = 1;
    batch.logs.push_back(log);
    EXPECT_TRUE(monitor->Take(batch, {}));
    const std::uint64_t next = batch.sequence + 1;
    batch = {};
    batch.sequence = next;
  }
  return monitor;
}

std::vector<Hour> Repeat(int times, Hour hour) {
  return std::vector<Hour>(static_cast<std::size_t>(times), hour);
}

std::vector<Hour> operator+(std::vector<Hour> first, const std::vector<Hour>& then) {
  first.insert(first.end(), then.begin(), then.end());
  return first;
}

TEST(LabelOutageTest, IsOnePageOfTheSourceThatNamesItsGuardrails) {
  const auto monitor = Watch(Repeat(8, {}) + Repeat(4, {.labeled = 0}), 1);
  const auto snapshot = monitor->TakeSnapshot({});
  ASSERT_EQ(snapshot->alerts.size(), 1u) << "seed " << kSeed;
  const Alert& alert = snapshot->alerts.front();
  EXPECT_EQ(
      alert.labels,
      (AlertLabels{{"alertname", "LabelsMissing"}, {"severity", "page"}, {"source", "gateway"}}));
  EXPECT_NE(alert.annotations.at("summary").find("labels are missing for pii, toxicity, since "),
            std::string::npos)
      << alert.annotations.at("summary");
  EXPECT_NE(alert.annotations.at("description").find("check the label topic and the reviewers"),
            std::string::npos);
  // Reviews stand in a log of their own.
  EXPECT_NE(alert.annotations.at("evidence").find("guardrail.labels/0 at offsets"),
            std::string::npos)
      << alert.annotations.at("evidence");
  ASSERT_EQ(snapshot->drift_evidence.size(), 2u);
  for (const DriftEvidence& each : snapshot->drift_evidence) EXPECT_EQ(each.alert, alert.id);
}

TEST(LabelOutageTest, ResolvesOnceLabelsAreBackAlsoAfterARestart) {
  const auto story = Repeat(8, {}) + Repeat(2, {.labeled = 0});
  StateMap kept;
  kept.Commit(Watch(story, 1)->TakeChanges());
  Monitor restored(Options());
  for (const StateRecord& record : kept.Under()) ASSERT_TRUE(restored.Load(record));
  restored.Restored({});
  ASSERT_EQ(restored.TakeSnapshot({})->alerts.size(), 1u);
  EXPECT_EQ(restored.TakeSnapshot({})->alerts.front().state, AlertState::kFiring);
  const auto monitor = Watch(story + Repeat(9, {}), 1);
  const auto alerts = monitor->TakeSnapshot({})->alerts;
  ASSERT_EQ(alerts.size(), 1u);
  EXPECT_EQ(alerts.front().state, AlertState::kResolved);
  EXPECT_EQ(alerts.front().fired, 1);
}

// Decisions drift first and end first; labels say the same later, and for longer.
TEST(LabelOutageTest, TimesOfAlertsFollowFromTheStreamHoweverItIsRead) {
  const auto story = Repeat(8, {}) + Repeat(2, {.flagged = .3, .recall = .5}) +
                     Repeat(3, {.labeled = 0}) + Repeat(16, {});
  const auto one_by_one = Watch(story, 1)->TakeSnapshot({});
  ASSERT_EQ(one_by_one->alerts.size(), 3u) << "seed " << kSeed;
  for (const PaneIndex panes : {7, 100, 1000, 100'000}) {
    const auto at_once = Watch(story, panes)->TakeSnapshot({});
    ASSERT_EQ(at_once->alerts.size(), one_by_one->alerts.size()) << panes;
    for (std::size_t i = 0; i < at_once->alerts.size(); ++i) {
      const Alert& actual = at_once->alerts[i];
      const Alert& expected = one_by_one->alerts[i];
      EXPECT_EQ(actual.id, expected.id);
      EXPECT_EQ(actual.state, AlertState::kResolved);
      EXPECT_EQ(actual.firing_since, expected.firing_since) << panes;
      EXPECT_EQ(actual.resolved_at, expected.resolved_at) << panes;
      EXPECT_EQ(actual.fired, expected.fired) << panes;
    }
  }
}

}  // namespace
}  // namespace guardwatch
