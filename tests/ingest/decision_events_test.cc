// Scores that wait for a decision event, and units that have nothing but decisions.

#include <gtest/gtest.h>

#include "support/source_run.h"

namespace guardwatch {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::size_t kDecisions = 0;
constexpr std::size_t kLater = 1;
constexpr std::size_t kScores = 2;

// Two logs of decisions, the second one later in the order of topics, and one of scores.
SourceRun Apart(SourceOptions source = {}) {
  return SourceRun(std::move(source), {{"a-decisions", kOnlyDecisions, 1},
                                       {"b-decisions", kOnlyDecisions, 1},
                                       {"scores", kOnlyScores, 1}});
}
EventBuilder Scored(std::string request, double p = 0.5) {
  return EventBuilder::Scored(std::move(request), p);
}
EventBuilder Decided(std::string request, Verdict verdict = Verdict::kBlock) {
  return EventBuilder::Decided(std::move(request), verdict);
}

TEST(WaitingScoreTest, IsUndecidedUntilItsDecisionComesInEitherOrder) {
  SourceRun run;
  run.Read(Scored("a"));
  EXPECT_EQ(run.Total().undecided, 1);
  run.Read(Decided("a"));
  run.Read(Decided("b", Verdict::kAllow));
  run.Read(Scored("b"));
  EXPECT_EQ(run.Total().undecided, 0);
  EXPECT_EQ(run.Total().decided, 2);
  EXPECT_EQ(run.Total().flagged, 1);
  EXPECT_EQ(run.Decisions().joined, 2);
}

TEST(WaitingScoreTest, TheDecisionMayComeTenMinutesEarly) {
  for (const bool decision_first : {true, false}) {
    SourceOptions patient;
    patient.allowed_lateness = hours(1);
    SourceRun run(patient);
    const auto in_time = Decided("a").At(kNoon - minutes(10));
    const auto too_early = Decided("b").At(kNoon - minutes(10) - kTick);
    if (decision_first) {
      run.Read(in_time);
      run.Read(too_early);
    }
    run.Read(Scored("a"));
    run.Read(Scored("b"));
    if (!decision_first) {
      run.Read(in_time);
      run.Read(too_early);
    }
    EXPECT_EQ(run.Total().decided, 1);
    run.Finish();
    EXPECT_EQ(run.Decisions().orphan, 1);
  }
}

TEST(WaitingScoreTest, TheDecisionsLogMustNotHavePassedThePaneBefore) {
  for (const Duration nudge : {-kTick, Duration{}}) {
    SourceRun run = Apart();
    run.Read(kScores, Scored("a"));
    run.Read(kDecisions, Decided("x").At(kNoon + seconds(70) + nudge));
    run.Read(kDecisions, Decided("a").At(kNoon + seconds(70)));
    const bool in_time = nudge < Duration{};
    EXPECT_EQ(run.Total().decided, in_time ? 1 : 0);
    EXPECT_EQ(run.Decisions().late, in_time ? 0 : 1);
    EXPECT_EQ(run.Total().undecided, in_time ? 0 : 1);
  }
}

TEST(WaitingScoreTest, OfSeveralDecisionsTheLeastPlaceWinsEvenIfItComesLater) {
  SourceRun run = Apart();
  run.Read(kScores, Scored("a"));
  run.Read(kLater, Decided("a", Verdict::kAllow).Threshold(0.9));
  EXPECT_EQ(run.Total().flagged, 0);
  EXPECT_EQ(run.Total().in_band, 0);
  run.Read(kDecisions, Decided("a", Verdict::kBlock).Threshold(0.5));
  EXPECT_EQ(run.Total().flagged, 1);
  EXPECT_EQ(run.Total().decided, 1);
  EXPECT_EQ(run.Total().in_band, 1);
  run.Read(kLater, Decided("a", Verdict::kAllow));
  EXPECT_EQ(run.Total().flagged, 1);
  EXPECT_EQ(run.Decisions().disagreement, 1);
}

TEST(WaitingScoreTest, TheThresholdOfTheDecisionInForceReplacesTheScores) {
  SourceOptions source;
  source.guardrails = {OptionsOf("toxicity")};
  source.guardrails[0].decided_by_decision_events = true;
  SourceRun run = Apart(source);
  run.Read(kScores, Scored("a", 0.5).Threshold(0.5));
  EXPECT_EQ(run.Total().in_band, 1);
  EXPECT_EQ(run.Total().undecided, 1);  // decided_by: decision_events.
  run.Read(kLater, Decided("a").Threshold(0.9));
  EXPECT_EQ(run.Total().in_band, 0);
  run.Read(kDecisions, Decided("a"));  // In force now, and says nothing of a threshold.
  EXPECT_EQ(run.Total().in_band, 1);
  EXPECT_EQ(run.Total().with_threshold, 1);
}

TEST(WaitingScoreTest, DecidedByDecisionEventsBeatsTheVerdictOnTheScore) {
  SourceOptions source;
  source.guardrails = {OptionsOf("toxicity")};
  source.guardrails[0].decided_by_decision_events = true;
  SourceRun run(source);
  run.Read(Scored("a").Verdict(Verdict::kBlock));
  EXPECT_EQ(run.Total().undecided, 1);
  run.Read(Decided("a", Verdict::kAllow));
  EXPECT_EQ(run.Total().decided, 1);
  EXPECT_EQ(run.Total().flagged, 0);
}

TEST(WaitingScoreTest, OnlyADecisionOfItsUnitVariantAndRequestCounts) {
  SourceRun run;
  run.Read(Scored("a").Category("hate"));
  run.Read(Decided("a"));
  run.Read(Decided("a").Category("hate").Candidate());
  run.Read(Decided("a").Category("hate").Guardrail("pii"));
  run.Read(Decided("b").Category("hate"));
  EXPECT_EQ(run.Total().decided, 0);
  run.Finish();
  EXPECT_EQ(run.Decisions().orphan, 4);
}

TEST(DecidedScoreTest, OtherDecisionEventsOnlyAgreeOrDisagree) {
  SourceRun run;
  run.Read(Scored("a").Verdict(Verdict::kBlock));
  run.Read(Decided("a", Verdict::kFlag));
  run.Read(Decided("a", Verdict::kAllow));
  EXPECT_EQ(run.Total().flagged, 1);
  EXPECT_EQ(run.Decisions().agreement, 1);
  EXPECT_EQ(run.Decisions().disagreement, 1);
}

TEST(DecidedScoreTest, AgreesUpToOneHorizonLater) {
  for (const Duration nudge : {Duration{}, kTick}) {
    SourceRun run = Apart();
    run.Read(kScores, Scored("a").Threshold(0.4));
    run.Read(kDecisions, Decided("a").At(kNoon + hours(24) + nudge));
    run.Finish();
    EXPECT_EQ(run.Decisions().agreement, nudge == Duration{} ? 1 : 0);
    EXPECT_EQ(run.Decisions().orphan, nudge == Duration{} ? 0 : 1);
  }
}

TEST(ErrorEventTest, CountsInThePaneOfItsOwnTimeAndJoinsNothing) {
  SourceRun run;
  run.Read(Scored("a").Model("v1"));
  run.Read(Decided("a", Verdict::kError).Model("v2").At(kNoon + seconds(30)));
  EXPECT_EQ(run.Total().errors, 1);
  EXPECT_EQ(run.Total().undecided, 1);
  SeriesFilter its_own = SourceRun::Whole();
  its_own.model_version = "v2";
  EXPECT_EQ(run.Total(its_own).errors, 1);
  EXPECT_EQ(run.Total(its_own).scored, 0);
}

TEST(DecisionsOnlyTest, DecisionEventsAreCountedThemselvesWithIdentityAndLabels) {
  SourceOptions source;
  source.guardrails = {OptionsOf("toxicity")};
  source.guardrails[0].score_kind = ScoreKind::kDecisionsOnly;
  SourceRun run(source);
  run.Read(Decided("a"));
  run.Read(Decided("a").At(kNoon + minutes(15)));
  run.Read(Decided("a", Verdict::kAllow).At(kNoon + minutes(15) + kTick));
  run.Read(Decided("b", Verdict::kError).At(kNoon + minutes(15)));
  run.Read(EventBuilder::Labeled("a", true).At(kNoon + minutes(16)));
  const Aggregate total = run.Total();
  EXPECT_EQ(total.scored, 0);
  EXPECT_EQ(total.decided, 2);
  EXPECT_EQ(total.flagged, 1);
  EXPECT_EQ(total.errors, 1);
  EXPECT_EQ(run.log_view(0).counters.duplicates, 1);
  EXPECT_EQ(total.true_positive, 1);
  EXPECT_EQ(total.false_negative, 1);
  EXPECT_EQ(total.unlabeled(), 0);
}

}  // namespace
}  // namespace guardwatch
