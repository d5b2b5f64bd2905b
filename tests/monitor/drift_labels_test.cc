// What labels, policies and versions add to drift: quality that falls, verdicts on what showed
// before, decisions that change by policy, versions beside each other, baselines that are given.

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "monitor/monitor.h"
#include "support/state_map.h"

namespace guardwatch {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::uint64_t kSeed = 20261126;
constexpr PaneIndex kFirstPane = 179'000'000;
constexpr PaneIndex kPanesPerHour = 360;

MonitorOptions Options() {
  MonitorOptions options;
  options.sources.push_back(
      {.name = "gateway", .label_lateness = minutes(0), .label_horizon = minutes(10)});
  options.windows = {minutes(5), hours(1)};
  options.drift.learn = hours(6);
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
};

class DriftLabelsTest : public testing::Test {
 protected:
  void Start(const MonitorOptions& options) {
    monitor_ = std::make_unique<Monitor>(options);
    monitor_->ExpectShard(0, 0);
    batches_ = 0;
    series_.clear();
    random_.seed(kSeed);
  }
  void Run(int for_hours, const Traffic& traffic) {
    for (int i = 0; i < for_hours * kPanesPerHour; ++i) {
      ASSERT_TRUE(monitor_->Take(Next(traffic), {}));
    }
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
    if (is_new) {
      SeriesKey key;
      key.unit = {"gateway", "toxicity", "hate"};
      key.model_version = traffic.version;
      batch.new_series.push_back({series->second, key});
    }
    batch.deltas = {{series->second, pane, Events(traffic)}};
    if (!traffic.policy.empty()) {
      batch.epochs.push_back(
          {EpochTally::Field::kPolicyVersion, series->second, pane, traffic.policy, 60});
    }
    ++batches_;
    return batch;
  }

  // 60 requests, all labelled. An easy one scores .02 or .98 and is positive accordingly often; a
  // hard one scores anything and is positive as often as the score says.
  Aggregate Events(const Traffic& traffic) {
    Aggregate a;
    std::uniform_real_distribution<double> uniform;
    for (int i = 0; i < 60; ++i) {
      const bool hard = uniform(random_) < traffic.hard;
      const double p = hard ? .05 + .9 * uniform(random_) : uniform(random_) < .8 ? .02 : .98;
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
    return a;
  }

  std::mt19937_64 random_{kSeed};
  std::uint64_t batches_ = 0;
  std::map<std::string, SeriesId> series_;
  std::unique_ptr<Monitor> monitor_;
};

TEST_F(DriftLabelsTest, EverythingOnLabelsIsArmedAndSilentWhileNothingChanges) {
  Start(Options());
  Run(20, {});
  for (const char* stream : {"calibration", "log_loss", "brier", "roc_auc", "recall", "f1"}) {
    EXPECT_EQ(View(stream).state, "armed") << stream << ": " << View(stream).missing;
  }
  EXPECT_TRUE(Now()->alerts.empty()) << "seed " << kSeed;
  // What the thresholds allow is what was promised at most.
  EXPECT_LE(Now()->drift_spent, 1);
  EXPECT_GT(Now()->drift_spent, .3);
}

TEST_F(DriftLabelsTest, ScoresThatBecomeWrongShowInLossesRanksAndCalibration) {
  Start(Options());
  Run(8, {});
  Run(4, {.too_sure = .4});
  for (const char* stream : {"calibration", "log_loss", "brier", "roc_auc"}) {
    EXPECT_TRUE(View(stream).drifting) << stream;
  }
  EXPECT_FALSE(View("score_distribution").drifting);
  EXPECT_NE(Says("description").find("labels agree with them less"), std::string::npos)
      << Says("description");
}

TEST_F(DriftLabelsTest, LabelsWithdrawWhatIsOnlyOtherTrafficAndTheAlertEndsByItsOwnRule) {
  Start(Options());
  Run(8, {});
  Run(4, {.hard = .3});
  ASSERT_EQ(Now()->alerts.size(), 1u);
  EXPECT_EQ(Now()->alerts[0].state, AlertState::kFiring);
  EXPECT_NE(Says("description").find("Withdrawn: "), std::string::npos) << Says("description");
  EXPECT_NE(Says("description").find("the traffic changed"), std::string::npos);
  ASSERT_FALSE(Now()->drift_evidence.empty());
  EXPECT_EQ(Now()->drift_evidence.front().verdict, "withdrawn");
  // It stays changed, and nobody is told again.
  Run(26, {.hard = .3});
  ASSERT_EQ(Now()->alerts.size(), 1u);
  EXPECT_EQ(Now()->alerts[0].state, AlertState::kResolved);
  EXPECT_EQ(Now()->alerts[0].fired, 1);
}

TEST_F(DriftLabelsTest, LabelsConfirmWhatIsTheClassifiersFault) {
  Start(Options());
  Run(8, {});
  Run(4, {.hard = .8, .too_sure = .4});
  EXPECT_NE(Says("description").find("Confirmed by labels"), std::string::npos)
      << Says("description");
}

TEST_F(DriftLabelsTest, APolicyThatChangesDecisionsALittleIsFoundAndNamed) {
  Start(Options());
  Run(8, {.policy = "p1"});
  // From about 18 % to 19.5 % flagged: inside the tolerance of the baseline.
  Run(6, {.threshold = .77, .policy = "p2"});
  ASSERT_EQ(Now()->alerts.size(), 1u) << "seed " << kSeed;
  EXPECT_EQ(Says("summary"),
            "toxicity/hate: flagged requests 20 % instead of 18 %, since 22:13 UTC");
  EXPECT_NE(Says("description").find("the policy changed, from p1 to p2"), std::string::npos);
  EXPECT_EQ(Now()->drift_evidence.front().detector, "known_change");
}

TEST_F(DriftLabelsTest, APolicyThatChangesNothingIsNoAlert) {
  Start(Options());
  Run(8, {.policy = "p1"});
  Run(6, {.policy = "p2"});
  EXPECT_TRUE(Now()->alerts.empty()) << "seed " << kSeed;
}

TEST_F(DriftLabelsTest, ANewVersionIsHeldAgainstTheOldOneWhileItLearns) {
  Start(Options());
  Run(8, {});
  Run(2, {.threshold = .5, .version = "v2"});
  EXPECT_EQ(View("fail_rate", "v2").state, "learning");
  ASSERT_EQ(Now()->alerts.size(), 1u) << "seed " << kSeed;
  EXPECT_NE(Says("description").find("beside model version v1"), std::string::npos);
  EXPECT_NE(Says("description").find("its model version went from v1 to v2"), std::string::npos);
}

TEST_F(DriftLabelsTest, ANewVersionThatDecidesAlikeIsNoAlert) {
  Start(Options());
  Run(8, {});
  Run(10, {.version = "v2"});
  EXPECT_EQ(View("fail_rate", "v2").state, "armed");
  EXPECT_TRUE(Now()->alerts.empty()) << "seed " << kSeed;
}

// --- Given baselines ---

TEST_F(DriftLabelsTest, AGivenBaselineArmsAtOnceAndGivesTheSameBitsAsTheOneLearned) {
  Start(Options());
  Run(8, {});
  const auto learned = Now()->baselines;
  ASSERT_EQ(learned.size(), 1u);
  MonitorOptions options = Options();
  options.drift.given = std::make_shared<const std::vector<BaselineSet>>(1, *learned.front());
  Start(options);
  Run(1, {});
  for (const char* stream : {"fail_rate", "score_distribution", "calibration", "roc_auc"}) {
    EXPECT_EQ(View(stream).state, "armed") << stream;
  }
  EXPECT_EQ(Now()->baselines.front()->Digest(), learned.front()->Digest());
  Run(1, {.threshold = .5});
  EXPECT_EQ(Now()->alerts.size(), 1u);
}

TEST_F(DriftLabelsTest, ABaselineOfAnotherVersionIsNotUsedAndThatIsSaid) {
  MonitorOptions options = Options();
  BaselineSet other;
  other.unit = {"gateway", "toxicity", "hate"};
  other.model_version = "v0";
  options.drift.given = std::make_shared<const std::vector<BaselineSet>>(1, other);
  Start(options);
  Run(1, {});
  const auto findings = Now()->findings;
  const auto said = std::find_if(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.kind == "baseline_unused";
  });
  ASSERT_NE(said, findings.end());
  EXPECT_NE(said->summary.find("v0 is not used: what is seen is v1"), std::string::npos);
}

TEST_F(DriftLabelsTest, APeriodIsWhatIsLearnedFrom) {
  MonitorOptions options = Options();
  const EventTime start = PaneStart(kFirstPane);
  options.drift.period = {start + hours(2), start + hours(7)};
  Start(options);
  Run(2, {.threshold = .3});  // Before it, all is different.
  Run(4, {});
  EXPECT_EQ(View("fail_rate").state, "learning");
  Run(3, {});
  EXPECT_EQ(View("fail_rate").state, "armed");
  EXPECT_EQ(View("fail_rate").reference_from, start + hours(2));
  EXPECT_EQ(View("fail_rate").reference_to, start + hours(7));
  EXPECT_TRUE(Now()->alerts.empty()) << "seed " << kSeed;
}

// --- Evidence ---

TEST_F(DriftLabelsTest, EvidenceNamesTheBaselineAndWhereTheInputStands) {
  Start(Options());
  Run(8, {});
  Run(1, {.threshold = .5});
  const auto snapshot = Now();
  ASSERT_FALSE(snapshot->drift_evidence.empty());
  for (const DriftEvidence& each : snapshot->drift_evidence) {
    if (each.stream != "fail_rate") continue;
    EXPECT_EQ(each.reference_from, PaneStart(kFirstPane));
    EXPECT_EQ(each.alert, snapshot->alerts.front().id);
    ASSERT_EQ(each.input.size(), 1u);
    EXPECT_EQ(each.input[0].topic, "guardrail.events");
    EXPECT_EQ(each.input[0].first, 0);  // The baseline was learned from the first record on.
    // 60 records per pane, all of them up to the pane of the alarm, and some that came later.
    EXPECT_GE(each.input[0].last, 60 * (each.pane - kFirstPane + 1) - 1);
  }
  EXPECT_NE(Says("evidence").find("guardrail.events/0 at offsets "), std::string::npos);
}

TEST_F(DriftLabelsTest, ARestartChangesNothing) {
  Start(Options());
  Run(7, {.policy = "p1"});
  Run(1, {.threshold = .77, .version = "v2", .policy = "p2"});
  StateMap kept;
  kept.Commit(monitor_->TakeChanges());
  Monitor restored(Options());
  for (const StateRecord& record : kept.Under()) {
    const auto loaded = restored.Load(record);
    ASSERT_TRUE(loaded) << loaded.error().message;
  }
  restored.Restored({});
  restored.ExpectShard(0, 0);
  std::mt19937_64 random = random_;
  const std::uint64_t batches = batches_;
  const auto run = [&](Monitor& monitor, bool again) {
    random_ = random;
    batches_ = batches;
    for (int i = 0; i < 3 * kPanesPerHour; ++i) {
      ShardBatch batch = Next({.hard = .6, .too_sure = .2, .version = "v2", .policy = "p3"});
      if (again && i == 0) {  // A shard tells of its series anew.
        for (const auto& [version, id] : series_) {
          SeriesKey key;
          key.unit = {"gateway", "toxicity", "hate"};
          key.model_version = version;
          batch.new_series.push_back({id, key});
        }
      }
      ASSERT_TRUE(monitor.Take(batch, {}));
    }
  };
  run(*monitor_, false);
  run(restored, true);
  const auto expected = Now();
  const auto actual = restored.TakeSnapshot({});
  ASSERT_EQ(actual->drift.size(), expected->drift.size());
  for (std::size_t i = 0; i < actual->drift.size(); ++i) {
    EXPECT_EQ(actual->drift[i].state, expected->drift[i].state) << actual->drift[i].stream;
    EXPECT_EQ(actual->drift[i].evidence, expected->drift[i].evidence) << actual->drift[i].stream;
  }
  ASSERT_EQ(actual->alerts.size(), expected->alerts.size());
  for (std::size_t i = 0; i < actual->alerts.size(); ++i) {
    EXPECT_EQ(actual->alerts[i].annotations, expected->alerts[i].annotations);
  }
}

}  // namespace
}  // namespace guardwatch
