#include "expose/guardrail_verdict.h"

#include <gtest/gtest.h>

#include "support/snapshot_builder.h"

namespace guardwatch {
namespace {

const UnitKey kUnit{"gateway", "toxicity", ""};

RolledWindow Window(Aggregate total) {
  return {kUnit,
          Variant::kLive,
          {},
          {"v1"},
          {std::chrono::hours(1), WindowViewKind::kCurrent, At("2026-11-22T10:00:00Z"),
           std::move(total)}};
}

const Aggregate kHealthy =
    AggregateBuilder().Scores(1000, 0.1).Labels(kMinLabelsToJudge, 0.1, false).Build();

Alert AlertIn(AlertState state, std::string guardrail = "toxicity") {
  Alert alert;
  alert.labels = {{"alertname", "BandWide"},
                  {"source", "gateway"},
                  {"guardrail", std::move(guardrail)},
                  {"variant", "live"}};  // An empty category is left out.
  alert.state = state;
  return alert;
}

Finding FindingOf(std::string kind, std::string guardrail = "") {
  Finding finding;
  finding.kind = std::move(kind);
  finding.source = "gateway";
  finding.guardrail = std::move(guardrail);
  finding.summary = "Something.";
  return finding;
}

// Builds on a snapshot in which all is well; each test adds what is wrong.
class GuardrailVerdictTest : public testing::Test {
 protected:
  GuardrailVerdict Judge(const Aggregate& total = kHealthy) {
    const RolledWindow window = Window(total);
    return JudgeGuardrail(snapshot_.Build(), kUnit, Variant::kLive, {&window}).verdict;
  }
  SnapshotBuilder snapshot_{"2026-11-22T10:00:00Z"};
};

TEST_F(GuardrailVerdictTest, IsOkWithEventsAndLabels) { EXPECT_EQ(Judge(), GuardrailVerdict::kOk); }

TEST_F(GuardrailVerdictTest, SaysSoWhenLabelsAreTooFew) {
  const Aggregate few =
      AggregateBuilder().Scores(1000, 0.1).Labels(kMinLabelsToJudge - 1, 0.1, false).Build();
  EXPECT_EQ(Judge(few), GuardrailVerdict::kInsufficientLabels);
}

TEST_F(GuardrailVerdictTest, DistrustsLabelsThatMeetNoScore) {
  snapshot_.WithFinding(FindingOf("labels_unmatched", "toxicity"));
  EXPECT_EQ(Judge(), GuardrailVerdict::kInsufficientLabels);
}

TEST_F(GuardrailVerdictTest, DoesNotTakeAnEmptyWindowForOk) {
  EXPECT_EQ(Judge(Aggregate{}), GuardrailVerdict::kNoData);
}

TEST_F(GuardrailVerdictTest, PendingIsWorseThanFewLabels) {
  snapshot_.WithAlert(AlertIn(AlertState::kPending));
  EXPECT_EQ(Judge(AggregateBuilder().Scores(10, 0.1).Build()), GuardrailVerdict::kPending);
}

TEST_F(GuardrailVerdictTest, AStalledSourceIsWorseThanAPendingAlert) {
  snapshot_.WithAlert(AlertIn(AlertState::kPending)).WithFinding(FindingOf("stalled"));
  EXPECT_EQ(Judge(), GuardrailVerdict::kStalled);
}

TEST_F(GuardrailVerdictTest, FiringIsWorst) {
  snapshot_.WithAlert(AlertIn(AlertState::kFiring)).WithFinding(FindingOf("log_unavailable"));
  EXPECT_EQ(Judge(), GuardrailVerdict::kFiring);
}

TEST_F(GuardrailVerdictTest, LeavesOthersOutOfIt) {
  snapshot_.WithAlert(AlertIn(AlertState::kFiring, "pii"))
      .WithAlert(AlertIn(AlertState::kResolved))
      .WithFinding(FindingOf("no_data", "pii"));
  EXPECT_EQ(Judge(), GuardrailVerdict::kOk);
}

}  // namespace
}  // namespace guardwatch
