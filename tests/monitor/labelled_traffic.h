#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "monitor/monitor.h"
#include "support/state_map.h"

// One guardrail with labels, from panes to the alert, driven by hand.

namespace guardwatch {

inline constexpr std::uint64_t kSeed = 20261126;
inline constexpr PaneIndex kFirstPane = 179'000'000;
inline constexpr PaneIndex kPanesPerHour = 360;

inline MonitorOptions LabelledOptions() {
  MonitorOptions options;
  options.sources.push_back({.name = "gateway",
                             .label_lateness = std::chrono::minutes(0),
                             .label_horizon = std::chrono::minutes(10)});
  options.windows = {std::chrono::minutes(5), std::chrono::hours(1)};
  options.drift.learn = std::chrono::hours(6);
  options.durable = true;
  options.keep_all_panes = true;
  return options;
}

// How a pane's requests are made.
struct Traffic {
  double hard = .5;     // Share of scores spread over the middle instead of the ends.
  double too_sure = 0;  // How much of the time an extreme score is wrong.
  double threshold = .8;
  std::string version = "v1";
  std::string policy{};
  double low = .8;               // Share of easy scores that are low ones.
  int errors = 0;                // So many more requests per pane, on which the guardrail fails.
  bool tells_threshold = false;  // Events carry it.
};

class LabelledTrafficTest : public testing::Test {
 protected:
  void Start(const MonitorOptions& options) {
    monitor_ = std::make_unique<Monitor>(options);
    monitor_->ExpectShard(0, 0);
    batches_ = 0;
    series_.clear();
    reconnected_ = false;
    kept_ = {};
    random_.seed(kSeed);
  }
  void Run(int for_hours, const Traffic& traffic) {
    for (int i = 0; i < for_hours * kPanesPerHour; ++i) {
      ASSERT_TRUE(monitor_->Take(Next(traffic), {}));
    }
  }
  // Goes on from what has been kept. Shards tell of their series anew.
  void Restart(const MonitorOptions& options) {
    kept_.Commit(monitor_->TakeChanges());
    monitor_ = std::make_unique<Monitor>(options);
    for (const StateRecord& record : kept_.Under()) {
      const auto loaded = monitor_->Load(record);
      ASSERT_TRUE(loaded) << loaded.error().message;
    }
    monitor_->Restored({});
    monitor_->ExpectShard(0, 0);
    reconnected_ = true;
  }
  std::shared_ptr<const Snapshot> Now() { return monitor_->TakeSnapshot({}); }
  std::string Says(const std::string& annotation) {
    const auto alerts = Now()->alerts;
    return alerts.empty() ? "" : alerts.front().annotations.at(annotation);
  }
  DriftView View(const std::string& stream, const std::string& version = "v1") {
    const auto snapshot = Now();
    for (const DriftView& view : snapshot->drift) {
      if (view.stream == stream && view.model_version == version) return view;
    }
    return {};
  }

  ShardBatch Next(const Traffic& traffic) {
    const PaneIndex pane = kFirstPane + static_cast<PaneIndex>(batches_);
    ShardBatch batch;
    batch.sequence = batches_;
    batch.honoured = {PaneEnd(pane), PaneEnd(pane)};
    LogChange log;
    log.from = 60 * static_cast<std::int64_t>(batches_);
    log.to = log.from + 60;
    log.progress = PaneEnd(pane) + std::chrono::seconds(60);
    log.state = LogState::kActive;
    if (pane % 60 == 0 || batches_ == 0) {
      log.passages.push_back({PaneOf(PaneStart(pane), LogPassage::kGrid), log.from});
    }
    batch.logs.push_back(log);
    if (batches_ == 0) batch.new_logs.push_back({0, "guardrail.events", 0, {}});
    const auto [series, is_new] =
        series_.try_emplace(traffic.version, static_cast<SeriesId>(series_.size()));
    if (is_new) batch.new_series.push_back({series->second, KeyOf(traffic.version)});
    if (reconnected_) batch.new_series = AllSeries();
    reconnected_ = false;
    batch.deltas = {{series->second, pane, Events(traffic)}};
    if (!traffic.policy.empty()) {
      batch.epochs.push_back(
          {EpochTally::Field::kPolicyVersion, series->second, pane, traffic.policy, 60});
    }
    if (traffic.tells_threshold) {
      batch.epochs.push_back({EpochTally::Field::kThreshold, series->second, pane,
                              std::to_string(traffic.threshold), 60});
    }
    ++batches_;
    return batch;
  }

  static SeriesKey KeyOf(const std::string& version) {
    SeriesKey key;
    key.unit = {"gateway", "toxicity", "hate"};
    key.model_version = version;
    return key;
  }
  std::vector<SeriesDefinition> AllSeries() const {
    std::vector<SeriesDefinition> all;
    for (const auto& [version, id] : series_) all.push_back({id, KeyOf(version)});
    return all;
  }
  std::vector<Finding> FindingsOf(const std::string& kind) {
    std::vector<Finding> found = Now()->findings;
    std::erase_if(found, [&](const Finding& finding) { return finding.kind != kind; });
    return found;
  }

  // 60 requests, all labelled. An easy one scores .02 or .98 and is positive accordingly often; a
  // hard one scores anything and is positive as often as the score says.
  Aggregate Events(const Traffic& traffic) {
    Aggregate a;
    std::uniform_real_distribution<double> uniform;
    for (int i = 0; i < 60; ++i) {
      const bool hard = uniform(random_) < traffic.hard;
      const double p = hard                             ? .05 + .9 * uniform(random_)
                       : uniform(random_) < traffic.low ? .02
                                                        : .98;
      const double truth = p + traffic.too_sure * (.5 - p);
      const bool positive = uniform(random_) < truth;
      const auto score = Score::FromClipped(p);
      ++a.scored;
      ++a.decided;
      ++a.sampled;
      ++a.labeled;
      a.positive += positive ? 1 : 0;
      const bool flagged = p >= traffic.threshold;
      a.flagged += flagged ? 1 : 0;
      ++(flagged    ? positive ? a.true_positive : a.false_positive
         : positive ? a.false_negative
                    : a.true_negative);
      a.histogram.AddScore(score_grid::BinOf(score, score_grid::kFine));
      a.histogram.AddLabel(score, score_grid::kFine, positive);
      a.reliability.Add(score, positive);
    }
    a.errors += traffic.errors;
    return a;
  }

  std::mt19937_64 random_{kSeed};
  std::uint64_t batches_ = 0;
  std::map<std::string, SeriesId> series_;
  bool reconnected_ = false;
  StateMap kept_;
  std::unique_ptr<Monitor> monitor_;
};

}  // namespace guardwatch
