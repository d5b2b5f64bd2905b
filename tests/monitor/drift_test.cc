// Drift of a guardrail, from panes to the alert: one page for a real change, none for chance, and
// the same after a restart.

#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "monitor/monitor.h"
#include "support/state_map.h"

namespace guardwatch {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr PaneIndex kFirstPane = 179'000'000;  // Some time in 2026.
constexpr PaneIndex kPanesPerHour = 360;

MonitorOptions Options() {
  MonitorOptions options;
  options.sources.push_back({.name = "gateway"});
  options.windows = {minutes(5), hours(1)};
  options.drift.learn = hours(6);
  options.durable = true;
  return options;
}

// A shard that reports one pane after the other.
class Stream {
 public:
  explicit Stream(std::uint64_t seed) : random_(seed) {}

  // A pane in which `rate` of the requests are flagged, those of `lang=de` at `de_rate`.
  ShardBatch Next(double rate, double de_rate) {
    const PaneIndex pane = kFirstPane + static_cast<PaneIndex>(batches_);
    ShardBatch batch;
    batch.sequence = batches_;
    batch.honoured = {PaneEnd(pane), PaneEnd(pane)};
    LogChange log;
    log.from = static_cast<std::int64_t>(batches_);
    log.to = log.from + 1;
    log.progress = PaneEnd(pane) + std::chrono::seconds(60);
    log.state = LogState::kActive;
    batch.logs.push_back(log);
    if (batches_ == 0) batch.new_logs.push_back({0, "guardrail.events", 0, {}});
    if (std::exchange(reconnected_, false)) {
      for (SeriesId id = 0; id < slices_.size(); ++id) {
        batch.new_series.push_back({first_id_ + id, KeyOf(id)});
      }
    }
    const Aggregate de = Events(10, de_rate);
    const Aggregate en = Events(30, rate);
    const Aggregate fr = Events(20, rate);
    Aggregate others = en;
    others += fr;
    Aggregate all = de;
    all += others;
    batch.deltas = {{first_id_, pane, all},
                    {first_id_ + 1, pane, de},
                    {first_id_ + 2, pane, en},
                    {first_id_ + 3, pane, fr}};
    for (SeriesId id = 4; id < slices_.size(); ++id) {
      batch.deltas.push_back({first_id_ + id, pane, id % 2 == 0 ? de : others});
    }
    ++batches_;
    return batch;
  }

  // From now on another version answers, in series of its own.
  void Rollout(std::string version) {
    version_ = std::move(version);
    first_id_ += static_cast<SeriesId>(slices_.size());
    reconnected_ = true;
  }

  // From now on events carry one dimension more, with two values.
  void Tell(const std::string& dimension) {
    first_id_ += static_cast<SeriesId>(slices_.size());
    slices_.push_back({dimension, "a"});
    slices_.push_back({dimension, "b"});
    reconnected_ = true;
  }

  // A pane without events.
  ShardBatch Nothing() {
    ShardBatch batch = Next(0, 0);
    batch.deltas.clear();
    return batch;
  }
  PaneIndex pane() const { return kFirstPane + static_cast<PaneIndex>(batches_); }  // The next.

  // After a restart a shard tells of its series anew.
  void Reconnect() { reconnected_ = true; }

 private:
  SeriesKey KeyOf(SeriesId id) const {
    SeriesKey key;
    key.unit = {"gateway", "toxicity", "hate"};
    key.model_version = version_;
    key.slice = slices_[id];
    return key;
  }
  Aggregate Events(int n, double rate) {
    Aggregate a;
    std::uniform_real_distribution<double> uniform;
    for (int i = 0; i < n; ++i) {
      ++a.scored;
      ++a.decided;
      a.flagged += uniform(random_) < rate ? 1 : 0;
      const auto score = Score::FromClipped(uniform(random_));
      a.histogram.AddScore(score_grid::BinOf(score, score_grid::kFine));
    }
    return a;
  }

  std::mt19937_64 random_;
  std::uint64_t batches_ = 0;
  bool reconnected_ = true;
  std::string version_ = "tox-v1";
  SeriesId first_id_ = 0;
  std::vector<Slice> slices_{{}, {"lang", "de"}, {"lang", "en"}, {"lang", "fr"}};
};

// Takes everything a monitor says has changed, as a store does.
class Kept {
 public:
  void Take(Monitor& monitor) { records_.Commit(monitor.TakeChanges()); }
  std::unique_ptr<Monitor> Restore() const {
    auto monitor = std::make_unique<Monitor>(Options());
    for (const StateRecord& record : records_.Under()) {
      const auto loaded = monitor->Load(record);
      EXPECT_TRUE(loaded) << loaded.error().message;
    }
    monitor->Restored({});
    return monitor;
  }

 private:
  StateMap records_;
};

class DriftTest : public testing::Test {
 protected:
  void SetUp() override { monitor_->ExpectShard(0, 0); }

  void Run(int for_hours, double rate, double de_rate) {
    for (int i = 0; i < for_hours * kPanesPerHour; ++i) {
      ASSERT_TRUE(monitor_->Take(stream_.Next(rate, de_rate), {}));
    }
  }
  std::vector<Alert> Alerts() { return monitor_->TakeSnapshot({})->alerts; }

  Stream stream_{20261125};
  std::unique_ptr<Monitor> monitor_ = std::make_unique<Monitor>(Options());
};

TEST_F(DriftTest, NothingIsSaidWhileNothingChanges) {
  Run(30, 0.05, 0.05);
  EXPECT_TRUE(Alerts().empty());
}

TEST_F(DriftTest, WhatIsLearnedAndHowTheBudgetIsSpentCanBeSeen) {
  Run(1, 0.05, 0.05);
  auto snapshot = monitor_->TakeSnapshot({});
  const auto fail_rate = [&] {
    for (const DriftView& view : snapshot->drift) {
      if (view.stream == "fail_rate") return view;
    }
    return DriftView{};
  };
  EXPECT_EQ(fail_rate().state, "learning");
  EXPECT_NE(fail_rate().missing, "");
  Run(7, 0.05, 0.05);
  snapshot = monitor_->TakeSnapshot({});
  EXPECT_EQ(fail_rate().state, "armed");
  EXPECT_NEAR(fail_rate().usual, 0.05, 0.005);
  EXPECT_GT(*fail_rate().detectable_rise, 1.1);
  EXPECT_NE(snapshot->drift_budget.find("30 days"), std::string::npos);
}

TEST_F(DriftTest, AChangeOfTheWholeTrafficPagesOnceAndSaysWhatMoved) {
  Run(8, 0.05, 0.05);
  Run(3, 0.12, 0.12);
  const auto alerts = Alerts();
  ASSERT_EQ(alerts.size(), 1u);
  EXPECT_EQ(alerts[0].state, AlertState::kFiring);
  EXPECT_EQ(alerts[0].fired, 1);
  EXPECT_EQ(alerts[0].labels, (AlertLabels{{"alertname", "GuardrailDrift"},
                                           {"category", "hate"},
                                           {"guardrail", "toxicity"},
                                           {"severity", "page"},
                                           {"source", "gateway"},
                                           {"variant", "live"}}));
  EXPECT_EQ(alerts[0].annotations.at("summary"),
            "toxicity/hate: flagged requests 12 % instead of 4.8 %, since 22:13 UTC");
  // The change began eight hours after the start.
  const EventTime began = PaneStart(kFirstPane) + hours(8);
  EXPECT_LT(*alerts[0].firing_since - began, minutes(30));
}

TEST_F(DriftTest, AChangeOfOneCohortNamesTheCohort) {
  Run(8, 0.05, 0.05);
  Run(4, 0.05, 0.30);
  const auto alerts = Alerts();
  ASSERT_EQ(alerts.size(), 1u);
  EXPECT_EQ(alerts[0].annotations.at("summary"),
            "toxicity/hate: flagged requests 29 % instead of 4.8 % for lang=de, since 22:10 UTC");
  EXPECT_NE(alerts[0].annotations.at("description").find("Likely cause: traffic with lang=de"),
            std::string::npos);
}

TEST_F(DriftTest, ResolvesWhenNothingHasHadHalfTheEvidenceForADay) {
  Run(8, 0.05, 0.05);
  Run(1, 0.15, 0.15);
  ASSERT_EQ(Alerts().size(), 1u);
  Run(23, 0.05, 0.05);
  ASSERT_EQ(Alerts().size(), 1u);
  EXPECT_EQ(Alerts()[0].state, AlertState::kFiring);
  Run(2, 0.05, 0.05);
  ASSERT_EQ(Alerts().size(), 1u);
  EXPECT_EQ(Alerts()[0].state, AlertState::kResolved);
  // What it was about is not forgotten.
  EXPECT_NE(Alerts()[0].annotations.at("summary").find("flagged requests"), std::string::npos);
}

TEST_F(DriftTest, AVersionThatIsGoneTakesNoPartInTheBudgetAnyMore) {
  const auto versions = [&] {
    std::set<std::string> seen;
    const auto snapshot = monitor_->TakeSnapshot({});
    for (const DriftView& view : snapshot->drift) seen.insert(view.model_version);
    return seen;
  };
  Run(1, 0.05, 0.05);
  stream_.Rollout("tox-v2");
  Run(1, 0.05, 0.05);
  EXPECT_EQ(versions(), (std::set<std::string>{"tox-v1", "tox-v2"}));
  // Panes are kept for the longest window and horizon; label lateness and two days come on top.
  Run(90, 0.05, 0.05);
  EXPECT_EQ(versions(), (std::set<std::string>{"tox-v2"}));
}

// Versions come and go, cohorts are watched from some hour on, detectors are armed one by one.
TEST_F(DriftTest, ThresholdsNeverAllowMoreFalseAlarmsThanWerePromised) {
  for (const char* version : {"tox-v1", "tox-v2", "tox-v3"}) {
    stream_.Rollout(version);
    for (int hour = 0; hour < 8; ++hour) {
      Run(1, 0.05, 0.05);
      const auto snapshot = monitor_->TakeSnapshot({});
      EXPECT_LE(snapshot->drift_spent, Options().drift.false_alarms_per_30d) << version << hour;
      EXPECT_GT(snapshot->drift_spent, 0) << version << hour;
    }
  }
}

TEST_F(DriftTest, ADimensionMoreTakesItsShareFromTheOthers) {
  Run(1, 0.05, 0.05);
  stream_.Tell("tier");
  Run(1, 0.05, 0.05);
  const double of_two = monitor_->TakeSnapshot({})->drift_spent;
  stream_.Tell("region");
  Run(1, 0.05, 0.05);
  // Smaller parts of the same share allow a little less in sum: r / (1 - r) is convex.
  const double of_three = monitor_->TakeSnapshot({})->drift_spent;
  EXPECT_LE(of_three, of_two);
  EXPECT_GT(of_three, .99 * of_two);
}

TEST_F(DriftTest, AStepOfCohortsIsKeptAlsoWhereTheLastPaneHadNoEvents) {
  Run(1, 0.05, 0.05);
  const PaneIndex per_coarse = monitor_->TakeSnapshot({})->coarse_pane / kPaneWidth;
  while ((stream_.pane() + 2) % per_coarse != 0) {
    ASSERT_TRUE(monitor_->Take(stream_.Next(0.05, 0.05), {}));
  }
  ASSERT_TRUE(monitor_->Take(stream_.Next(0.05, 0.05), {}));
  monitor_->TakeChanges();
  ASSERT_TRUE(monitor_->Take(stream_.Nothing(), {}));
  bool kept = false;
  for (const auto& [kind, key, value] : monitor_->TakeChanges()) {
    kept = kept || (key[0] == 't' && key.find("toxicity") != std::string::npos);
  }
  EXPECT_TRUE(kept);
}

TEST_F(DriftTest, ARestartChangesNothing) {
  // The same stream, once without and once with restarts while learning, watching and alerting.
  Stream same{20261125};
  Kept kept;
  auto restarted = std::make_unique<Monitor>(Options());
  restarted->ExpectShard(0, 0);
  const auto both = [&](int for_hours, double rate) {
    for (int i = 0; i < for_hours * kPanesPerHour; ++i) {
      ASSERT_TRUE(monitor_->Take(stream_.Next(rate, rate), {}));
      ASSERT_TRUE(restarted->Take(same.Next(rate, rate), {}));
      if (i % 100 == 0) kept.Take(*restarted);
    }
    kept.Take(*restarted);
    restarted = kept.Restore();
    restarted->ExpectShard(0, 0);
    same.Reconnect();
    const auto expected = monitor_->TakeSnapshot({});
    const auto actual = restarted->TakeSnapshot({});
    ASSERT_EQ(actual->drift.size(), expected->drift.size());
    for (std::size_t i = 0; i < actual->drift.size(); ++i) {
      EXPECT_EQ(actual->drift[i].state, expected->drift[i].state) << actual->drift[i].stream;
      EXPECT_EQ(actual->drift[i].evidence, expected->drift[i].evidence) << actual->drift[i].stream;
    }
    ASSERT_EQ(actual->alerts.size(), expected->alerts.size());
    for (std::size_t i = 0; i < actual->alerts.size(); ++i) {
      EXPECT_EQ(actual->alerts[i].annotations, expected->alerts[i].annotations);
      EXPECT_EQ(actual->alerts[i].firing_since, expected->alerts[i].firing_since);
    }
  };
  both(3, 0.05);
  both(5, 0.05);
  both(2, 0.15);
  both(2, 0.15);
  EXPECT_EQ(monitor_->TakeSnapshot({})->alerts.size(), 1u);
}

}  // namespace
}  // namespace guardwatch
