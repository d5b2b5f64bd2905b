// What counts as normal: learned for a time or from a period, given in a file, and kept.

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "monitor/labelled_traffic.h"

namespace guardwatch {
namespace {

using std::chrono::hours;

MonitorOptions Options() { return LabelledOptions(); }

class DriftBaselinesTest : public LabelledTrafficTest {};

// --- Given baselines ---

TEST_F(DriftBaselinesTest, AGivenBaselineArmsAtOnceAndGivesTheSameBitsAsTheOneLearned) {
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

TEST_F(DriftBaselinesTest, ABaselineOfAnotherVersionIsNotUsedAndThatIsSaid) {
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

TEST_F(DriftBaselinesTest, APeriodIsWhatIsLearnedFrom) {
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

TEST_F(DriftBaselinesTest, APeriodWithTooLittleInItIsAFinding) {
  MonitorOptions options = Options();
  const EventTime start = PaneStart(kFirstPane);
  options.drift.period = {start - hours(5), start + std::chrono::seconds(20)};  // 120 requests.
  Start(options);
  Run(2, {});
  const auto said = FindingsOf("baseline_period_short");
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said[0].subject, "v1");
  for (const char* stream : {"fail_rate", "score_distribution", "log_loss", "roc_auc"}) {
    EXPECT_NE(said[0].summary.find(stream), std::string::npos) << stream << said[0].summary;
    EXPECT_NE(View(stream).missing.find("had"), std::string::npos) << View(stream).missing;
  }
}

TEST_F(DriftBaselinesTest, AVersionFromAfterThePeriodIsLearnedForItsOwnTime) {
  MonitorOptions options = Options();
  const EventTime start = PaneStart(kFirstPane);
  options.drift.period = {start, start + hours(5)};
  Start(options);
  Run(6, {});
  Run(1, {.version = "v2"});
  // Groups of scores and ranks are not made from the first labels that come along.
  EXPECT_NE(View("roc_auc", "v2").missing.find("half of the learning time"), std::string::npos);
  EXPECT_NE(View("score_distribution", "v2").missing.find("time or scores"), std::string::npos);
  Run(7, {.version = "v2"});
  for (const char* stream : {"fail_rate", "score_distribution", "roc_auc"}) {
    EXPECT_EQ(View(stream, "v2").state, "armed") << stream << View(stream, "v2").missing;
  }
}

TEST_F(DriftBaselinesTest, ScoresThatAreAllTheSameCannotBeWatched) {
  Start(Options());
  Run(8, {.hard = 0, .low = 1});
  EXPECT_EQ(View("score_distribution").state, "not_monitorable");
  EXPECT_EQ(View("score_distribution").missing, "");
}

// --- Kept over a restart ---

TEST_F(DriftBaselinesTest, ARestartWithAGivenBaselineChangesNothing) {
  Start(Options());
  Run(8, {});
  MonitorOptions options = Options();
  options.drift.given = std::make_shared<const std::vector<BaselineSet>>(1, *Now()->baselines[0]);
  Start(options);
  Run(2, {});
  const auto before = Now();
  Restart(options);
  const auto after = Now();
  EXPECT_DOUBLE_EQ(after->drift_spent, before->drift_spent);
  EXPECT_EQ(after->baselines.at(0)->Digest(), before->baselines.at(0)->Digest());
  Restart(options);
  EXPECT_DOUBLE_EQ(Now()->drift_spent, before->drift_spent);
}

TEST_F(DriftBaselinesTest, LearningThatHasBegunKeepsItsPeriodWhateverIsConfiguredLater) {
  const EventTime start = PaneStart(kFirstPane);
  MonitorOptions without = Options();
  MonitorOptions with = Options();
  with.drift.period = {start + hours(1), start + hours(7)};
  // It has learned from the period, or from the first pane on, of scores and of labels alike.
  for (const bool began_with : {true, false}) {
    Start(began_with ? with : without);
    Run(4, {});
    Restart(began_with ? without : with);
    Run(6, {});
    for (const char* stream : {"fail_rate", "score_distribution", "log_loss", "roc_auc"}) {
      const auto view = View(stream);
      EXPECT_EQ(view.state, "armed") << stream << view.missing;
      EXPECT_EQ(view.reference_to == start + hours(7), began_with) << stream;
    }
  }
}

TEST_F(DriftBaselinesTest, WithOtherSlotsEverythingIsLearnedAnewAndThatIsSaid) {
  for (const int learned_for : {2, 8}) {  // While learning, and when it is done.
    Start(Options());
    Run(learned_for, {});
    MonitorOptions options = Options();
    options.drift.slots = SlotScheme::kHourOfDay;
    Restart(options);
    EXPECT_EQ(View("fail_rate").state, "learning");
    const auto said = FindingsOf("baseline_learned_anew");
    ASSERT_EQ(said.size(), 1u);
    EXPECT_EQ(said[0].guardrail, "toxicity");
    EXPECT_NE(said[0].summary.find("v1"), std::string::npos) << said[0].summary;
    EXPECT_NE(said[0].summary.find("fail_rate"), std::string::npos) << said[0].summary;
    Run(74, {});
    EXPECT_EQ(View("fail_rate").state, "armed") << View("fail_rate").missing;
    for (const Finding& finding : FindingsOf("baseline_learned_anew")) {
      ADD_FAILURE() << finding.summary;
    }
  }
}

}  // namespace
}  // namespace guardwatch
