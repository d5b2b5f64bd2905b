// Identity within one log, and what stands on an event: scores, thresholds, verdicts.

#include <gtest/gtest.h>

#include "support/source_run.h"

namespace guardwatch {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// Long enough a lateness for times to go back and forth.
SourceOptions Patient() {
  SourceOptions source;
  source.allowed_lateness = minutes(60);
  return source;
}
EventBuilder Scored(std::string request, double p = 0.5) {
  return EventBuilder::Scored(std::move(request), p);
}

TEST(DuplicateTest, IsHeldWithinFifteenMinutesToEitherSide) {
  for (const Duration apart : {Duration(minutes(15)), -Duration(minutes(15))}) {
    const Duration beyond = apart > Duration{} ? apart + kTick : apart - kTick;
    SourceRun run(Patient());
    run.Read(Scored("near"));
    run.Read(Scored("near").At(kNoon + apart));
    run.Read(Scored("far"));
    run.Read(Scored("far").At(kNoon + beyond));
    EXPECT_EQ(run.Total().scored, 3);
    EXPECT_EQ(run.log_view(0).counters.duplicates, 1);
  }
}

TEST(DuplicateTest, IsStillHeldWhenItsLastCopyInTimeComes) {
  SourceRun run({}, {{"scores", kOnlyScores, 1}});
  run.Read(Scored("a"));
  run.Read(Scored("b").At(kNoon + minutes(15) + seconds(70) - kTick));
  run.Settle();
  run.Read(Scored("a").At(kNoon + minutes(15)));
  EXPECT_EQ(run.Total().scored, 2);
  EXPECT_EQ(run.log_view(0).counters.duplicates, 1);
}

TEST(DuplicateTest, ItsScoreAndVerdictAreIgnoredAndItRegistersNothing) {
  SourceRun run(Patient());
  run.Read(Scored("a", 0.25));
  run.Read(Scored("a", 0.75).At(kNoon + minutes(10)).Verdict(Verdict::kBlock));
  run.Read(Scored("a", 0.75).At(kNoon + minutes(16)));  // The second one holds nothing.
  EXPECT_EQ(run.Total().scored, 2);
  EXPECT_EQ(run.Total().flagged, 0);
  EXPECT_TRUE(run.Total().score_q == Int128{kScoreOne});
}

TEST(DuplicateTest, ALabelOnItStillJoins) {
  SourceRun run;
  run.Read(Scored("a"));
  run.Read(Scored("a").At(kNoon + seconds(1)).Label(true));
  EXPECT_EQ(run.Total().scored, 1);
  EXPECT_EQ(run.Total().positive, 1);
}

TEST(DuplicateTest, UnitAndVariantArePartOfTheIdentityAndTheModelIsNot) {
  SourceRun run;
  run.Read(Scored("a"));
  run.Read(Scored("a").Category("hate"));
  run.Read(Scored("a").Guardrail("pii"));
  run.Read(Scored("a").Candidate());
  run.Read(Scored("a").Model("v2"));
  EXPECT_EQ(run.Total().scored, 4);
  EXPECT_EQ(run.log_view(0).counters.duplicates, 1);
}

TEST(DuplicateTest, EventsWithoutARequestAreNeverDuplicates) {
  SourceRun run;
  run.Read(Scored(""));
  run.Read(Scored(""));
  EXPECT_EQ(run.Total().scored, 2);
}

TEST(DuplicateTest, TwoLogsDoNotDeduplicateEachOther) {
  SourceRun run({}, {{"a", kEverything, 1}, {"b", kEverything, 1}});
  run.Read(0, Scored("r"));
  run.Read(1, Scored("r"));
  EXPECT_EQ(run.Total().scored, 2);
  EXPECT_EQ(run.view()->identity_in_two_logs, 1);
  EXPECT_EQ(run.log_view(1).counters.duplicates, 0);
}

TEST(DuplicateTest, AClassVectorIsOneEvent) {
  SourceRun run;
  run.Read(EventBuilder::Classes("a", {{"hate", 0.2}, {"spam", 0.7}}));
  run.Read(EventBuilder::Classes("a", {{"other", 0.9}}));
  EXPECT_EQ(run.Total().scored, 3);
  EXPECT_EQ(run.log_view(0).counters.duplicates, 1);
}

TEST(ScoreTest, IsQuantisedOnceAndSummedExactly) {
  SourceRun run;
  for (int i = 0; i < 10; ++i) run.Read(Scored("", 0.1));
  const Int128 q = Score::FromClipped(0.1).q;
  EXPECT_EQ(Score::FromClipped(0.1).q, 107374182u);  // round-half-even(0.1 * 2^30)
  EXPECT_TRUE(run.Total().score_q == 10 * q);
  EXPECT_TRUE(run.Total().score_q_squared == 10 * q * q);
}

TEST(ScoreTest, TheEndsOfTheRangeAreSaturated) {
  SourceRun run;
  for (const double p : {0.0, 1.0, 0x1p-30, 1 - 0x1p-30}) run.Read(Scored("", p));
  EXPECT_EQ(run.Total().saturated, 2);
}

TEST(ScoreTest, AClassVectorGivesASeriesPerClassAndOneForTheTop) {
  SourceRun run;
  run.Read(EventBuilder::Classes("a", {{"hate", 0.25}, {"spam", 0.75}}));
  EXPECT_TRUE(run.TotalOf("hate").score_q == Int128{kScoreOne / 4});
  EXPECT_TRUE(run.TotalOf("spam").score_q == Int128{kScoreOne / 4 * 3});
  EXPECT_TRUE(run.TotalOf("__top__").score_q == Int128{kScoreOne / 4 * 3});
}

TEST(ThresholdTest, TheNearestOneCounts) {
  SourceOptions source;
  auto everywhere = OptionsOf("toxicity");
  everywhere.threshold = 0.6;
  auto hate = OptionsOf("toxicity", "hate");
  hate.threshold = 0.4;
  source.guardrails = {everywhere, hate};
  SourceRun run(source);
  run.Read(Scored("a", 0.5).Category("hate"));                  // 0.4: flagged.
  run.Read(Scored("b", 0.5).Category("hate").Threshold(0.55));  // Its own.
  run.Read(Scored("c", 0.5).Category("spam"));                  // 0.6.
  run.Read(Scored("d", 0.5).Guardrail("pii"));                  // None: it waits.
  EXPECT_EQ(run.TotalOf("hate").flagged, 1);
  EXPECT_EQ(run.TotalOf("hate").decided, 2);
  EXPECT_EQ(run.TotalOf("spam").flagged, 0);
  EXPECT_EQ(run.TotalOf("").with_threshold, 0);
  EXPECT_EQ(run.TotalOf("").undecided, 1);
}

TEST(ThresholdTest, ScoresOnItAreFlaggedAndBothEdgesOfTheBandBelongToIt) {
  const double step = 0x1p-30;
  SourceRun run;
  for (const double p : {0.5 - step, 0.5}) run.Read(Scored("", p).Threshold(0.5));
  EXPECT_EQ(run.Total().flagged, 1);
  EXPECT_EQ(run.Total().in_band, 2);

  SourceOptions wide;
  wide.band = 0.25;
  SourceRun edges(wide);
  for (const double p : {0.25 - step, 0.25, 0.75, 0.75 + step}) {
    edges.Read(Scored("", p).Threshold(0.5));
  }
  EXPECT_EQ(edges.Total().in_band, 2);
  EXPECT_EQ(edges.Total().with_threshold, 4);
}

TEST(VerdictTest, OnTheEventIsTheDecisionWhateverTheThreshold) {
  SourceRun run;
  for (const Verdict verdict :
       {Verdict::kAllow, Verdict::kBlock, Verdict::kFlag, Verdict::kRedact, Verdict::kEscalate}) {
    run.Read(Scored("", 0.9).Threshold(0.5).Verdict(verdict));
  }
  EXPECT_EQ(run.Total().decided, 5);
  EXPECT_EQ(run.Total().flagged, 4);
}

TEST(VerdictTest, AnErrorIsInNoRateAndHasNoThreshold) {
  SourceRun run;
  run.Read(Scored("", 0.5).Threshold(0.5).Verdict(Verdict::kError));
  const Aggregate total = run.Total();
  EXPECT_EQ(total.scored, 1);
  EXPECT_EQ(total.errors, 1);
  EXPECT_EQ(total.decided + total.flagged + total.with_threshold + total.in_band, 0);
  EXPECT_EQ(total.undecided, 0);
}

}  // namespace
}  // namespace guardwatch
