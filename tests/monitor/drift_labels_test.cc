// What labels, policies and versions add to drift: quality that falls, verdicts on what showed
// before, decisions that change by policy, versions beside each other.

#include <map>
#include <memory>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "monitor/labelled_traffic.h"

namespace guardwatch {
namespace {

using std::chrono::hours;

MonitorOptions Options() { return LabelledOptions(); }

class DriftLabelsTest : public LabelledTrafficTest {};

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

TEST_F(DriftLabelsTest, WhatLabelsWithdrewDoesNotLeadWhereSomethingElseIsWrong) {
  Start(Options());
  Run(8, {});
  Run(4, {.hard = .3});
  ASSERT_NE(Says("description").find("Withdrawn: "), std::string::npos) << Says("description");
  Run(1, {.hard = .3, .errors = 5});
  EXPECT_NE(Says("summary").find("requests on which the guardrail fails"), std::string::npos)
      << Says("summary");
}

TEST_F(DriftLabelsTest, AThresholdThatMovesWhileTheRateIsLearnedIsFoundAllTheSame) {
  Start(Options());
  Run(2, {.tells_threshold = true});
  Run(2, {.threshold = .5, .tells_threshold = true});
  EXPECT_EQ(View("fail_rate").state, "learning");
  ASSERT_EQ(Now()->alerts.size(), 1u) << "seed " << kSeed;
  const DriftEvidence evidence = Now()->drift_evidence.front();
  EXPECT_EQ(evidence.detector, "threshold_change");
  EXPECT_EQ(evidence.input_from, PaneStart(kFirstPane) + hours(2));
}

TEST_F(DriftLabelsTest, AChangeOfPolicyHoursLaterIsNotTheCause) {
  Start(Options());
  Run(8, {.policy = "p1"});
  Run(10, {.too_sure = .4, .policy = "p1"});
  Run(1, {.too_sure = .4, .threshold = .5, .policy = "p2"});
  EXPECT_TRUE(View("fail_rate").drifting);
  EXPECT_EQ(Says("description").find("the policy changed"), std::string::npos)
      << Says("description");
}

// --- Evidence ---

TEST_F(DriftLabelsTest, EvidenceBeginsWhereWhatItRestsOnBegan) {
  Start(Options());
  Run(8, {});
  Run(4, {.too_sure = .4});
  Run(1, {.hard = .8, .too_sure = .4});
  // The groups of scores, and what others are ranked among, come before their baselines.
  int found = 0;
  const auto snapshot = Now();
  for (const DriftEvidence& each : snapshot->drift_evidence) {
    if (each.stream != "score_distribution" && each.stream != "roc_auc") continue;
    ++found;
    EXPECT_EQ(each.input_from, AlignDown(PaneStart(kFirstPane), each.pane_width)) << each.stream;
    EXPECT_LT(each.input_from, each.reference_from) << each.stream;
  }
  EXPECT_EQ(found, 2);
}

TEST_F(DriftLabelsTest, EvidenceBesideAnotherVersionBeginsWithItsPanes) {
  Start(Options());
  Run(8, {});
  Run(2, {.threshold = .5, .version = "v2"});
  const auto snapshot = Now();
  ASSERT_FALSE(snapshot->drift_evidence.empty());
  for (const DriftEvidence& each : snapshot->drift_evidence) {
    if (each.detector != "two_sample" || each.pane_width != kPaneWidth) continue;
    // Of each pane of the new version one of the old, backwards from the arrival.
    const EventTime arrived = PaneStart(kFirstPane) + hours(8);
    EXPECT_LT(each.input_from, arrived);
    EXPECT_LE(arrived - each.input_from, hours(2));
  }
}

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
