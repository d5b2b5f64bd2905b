// Labels meet their scores in either order, within their window, and the greatest one is in force.

#include <gtest/gtest.h>

#include "support/source_run.h"

namespace guardwatch {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::size_t kLabels = 0;
constexpr std::size_t kMoreLabels = 1;
constexpr std::size_t kScores = 2;

// Two logs of labels, the second one later in the order of topics, and one of scores.
SourceRun Apart(SourceOptions source = {}) {
  return SourceRun(
      std::move(source),
      {{"a-labels", kOnlyLabels, 1}, {"b-labels", kOnlyLabels, 1}, {"scores", kOnlyScores, 1}});
}
EventBuilder Scored(std::string request, double p = 0.5) {
  return EventBuilder::Scored(std::move(request), p);
}
EventBuilder Labeled(std::string request, bool positive) {
  return EventBuilder::Labeled(std::move(request), positive);
}

TEST(LabelJoinTest, CountsInThePaneOfTheScoreInEitherOrder) {
  for (const bool label_first : {true, false}) {
    SourceRun run = Apart();
    if (label_first) run.Read(kLabels, Labeled("a", true).At(kNoon + hours(3)));
    run.Read(kScores, Scored("a", 0.75).Threshold(0.5));
    if (!label_first) run.Read(kLabels, Labeled("a", true).At(kNoon + hours(3)));
    const Aggregate total = run.Total();
    EXPECT_EQ(total.labeled, 1);
    EXPECT_EQ(total.true_positive, 1);
    EXPECT_TRUE(total.loss == LogLossQ24(Score::FromClipped(0.75), true));
    EXPECT_EQ(total.reliability[11].positive, 1);
    EXPECT_EQ(run.Labels(LabelOutcome::kJoined), 1);
    run.Finish();
    const auto sealed =
        run.monitor().History({SourceRun::Whole(), kBeginningOfTime, kEndOfTime, kPaneWidth});
    ASSERT_EQ(sealed[0].points.size(), 1u);
    EXPECT_EQ(sealed[0].points[0].start, kNoon);
  }
}

TEST(LabelJoinTest, TheWindowIsClosedAtBothEnds) {
  const Duration early = minutes(10), horizon = hours(24);
  for (const bool label_first : {true, false}) {
    SourceRun run = Apart();
    const auto labels = {
        Labeled("a", true).At(kNoon - early), Labeled("b", true).At(kNoon - early - kTick),
        Labeled("c", true).At(kNoon + horizon), Labeled("d", true).At(kNoon + horizon + kTick)};
    const auto read_labels = [&] {
      for (const EventBuilder& label : labels) run.Read(kLabels, label);
    };
    if (label_first) read_labels();
    for (const char* request : {"a", "b", "c", "d"}) run.Read(kScores, Scored(request));
    if (!label_first) read_labels();
    EXPECT_EQ(run.Total().labeled, 2);
    run.Finish();
    EXPECT_EQ(run.Labels(LabelOutcome::kJoined), 2);
    EXPECT_EQ(run.Labels(LabelOutcome::kOrphan), 1);
    EXPECT_EQ(run.Labels(LabelOutcome::kAfterHorizon), 1);
  }
}

TEST(LabelJoinTest, AScoreIsHeldUntilNoLabelInTimeCanMeetIt) {
  SourceRun run({}, {{"labels", kOnlyLabels, 1}, {"scores", kOnlyScores, 1}});
  run.Read(1, Scored("a"));
  run.Read(1, Scored("b").At(kNoon + hours(48)));
  run.Read(0, Labeled("x", true).At(kNoon + hours(24) + hours(6) + seconds(10) - kTick));
  run.Settle();  // Every watermark stands one microsecond before the pane of the last label ends.
  run.Read(0, Labeled("a", true).At(kNoon + hours(24)));
  EXPECT_EQ(run.Total().labeled, 1);
}

TEST(LabelJoinTest, ALabelIsHeldUntilNoScoreInTimeCanMeetIt) {
  SourceRun run({}, {{"labels", kOnlyLabels, 1}, {"scores", kOnlyScores, 1}});
  run.Read(0, Labeled("a", true).At(kNoon - minutes(10)));
  run.Read(1, Scored("b").At(kNoon + seconds(70) - kTick));
  run.Settle();
  run.Read(1, Scored("a"));
  EXPECT_EQ(run.Total().labeled, 1);
}

TEST(LabelJoinTest, TheHorizonMayBeSetPerGuardrail) {
  SourceOptions source;
  source.guardrails = {OptionsOf("toxicity")};
  source.guardrails[0].label_horizon = hours(1);
  SourceRun run = Apart(source);
  run.Read(kScores, Scored("a"));
  run.Read(kScores, Scored("b"));
  run.Read(kLabels, Labeled("a", true).At(kNoon + hours(1)));
  run.Read(kLabels, Labeled("b", true).At(kNoon + hours(1) + kTick));
  EXPECT_EQ(run.Total().labeled, 1);
}

TEST(LabelJoinTest, JoinsAcrossVariantsAndEveryCountedEventOfTheRequest) {
  SourceRun run;
  run.Read(Scored("a"));
  run.Read(Scored("a").Candidate());
  run.Read(Scored("a").At(kNoon + minutes(16)));
  run.Read(Labeled("a", true).At(kNoon + minutes(16)));
  EXPECT_EQ(run.Total().labeled, 3);
  EXPECT_EQ(run.Labels(LabelOutcome::kJoined), 1);
}

TEST(LabelJoinTest, ALabelWithoutCategoryJoinsOnlyTheUnitWithoutOne) {
  SourceRun run;
  run.Read(Scored("a"));
  run.Read(Scored("a").Category("hate"));
  run.Read(Labeled("a", true));
  EXPECT_EQ(run.TotalOf("").labeled, 1);
  EXPECT_EQ(run.TotalOf("hate").labeled, 0);
  run.Read(Labeled("a", true).Category("hate"));
  EXPECT_EQ(run.TotalOf("hate").labeled, 1);
}

TEST(LabelJoinTest, TheLabelOnAScoreWithoutRequestBelongsToIt) {
  SourceRun run;
  run.Read(Scored("").Label(true));
  run.Read(EventBuilder::Classes("", {{"hate", 0.2}, {"spam", 0.7}}).LabelText("hate"));
  EXPECT_EQ(run.TotalOf("").positive, 1);
  EXPECT_EQ(run.TotalOf("hate").positive, 1);
  EXPECT_EQ(run.TotalOf("spam").labeled, 1);
  EXPECT_EQ(run.Labels(LabelOutcome::kJoined), 2);
}

TEST(LabelInForceTest, IsTheGreatestByRevisionThenTimeThenPlace) {
  SourceRun run = Apart();
  run.Read(kScores, Scored("a"));
  run.Read(kMoreLabels, Labeled("a", true));
  run.Read(kLabels, Labeled("a", false));  // The same time, an earlier topic.
  EXPECT_EQ(run.Total().positive, 1);
  EXPECT_EQ(run.Labels(LabelOutcome::kStale), 1);
  run.Read(kLabels, Labeled("a", false).At(kNoon + kTick));
  EXPECT_EQ(run.Total().positive, 0);
  run.Read(kMoreLabels, Labeled("a", true).At(kNoon - seconds(1)).Revision(1));
  EXPECT_EQ(run.Total().positive, 1);
  EXPECT_EQ(run.Total().labeled, 1);
  EXPECT_EQ(run.Labels(LabelOutcome::kCorrected), 2);
}

TEST(LabelInForceTest, ARetractionTakesEverythingBackAndStaysInForce) {
  SourceRun run;
  run.Read(Scored("a").Threshold(0.1));
  run.Flush();
  const Aggregate before = run.Total();
  run.Read(Labeled("a", true).Revision(1));
  run.Read(EventBuilder::Retracted("a").Revision(2));
  EXPECT_TRUE(run.Total() == before);
  run.Read(Labeled("a", true).Revision(1));
  EXPECT_TRUE(run.Total() == before);
  EXPECT_EQ(run.Labels(LabelOutcome::kRetracted), 1);
  EXPECT_EQ(run.Labels(LabelOutcome::kStale), 1);
}

TEST(LabelInForceTest, ARetractionOfWhatWasNeverSaidChangesNoPane) {
  SourceRun run;
  run.Read(Scored("a"));
  run.Flush();
  run.Read(EventBuilder::Retracted("a"));
  EXPECT_TRUE(run.Batch(run.shard(0)).deltas.empty());
}

TEST(LabelInForceTest, ARepeatedValueWithAGreaterKeyIsTheOneInForce) {
  SourceRun run;
  run.Read(Scored("a"));
  run.Read(Labeled("a", true));
  run.Read(Labeled("a", true).Revision(2));
  run.Read(Labeled("a", false).Revision(1));
  EXPECT_EQ(run.Total().positive, 1);
  EXPECT_EQ(run.Labels(LabelOutcome::kRepeated), 1);
  EXPECT_EQ(run.Labels(LabelOutcome::kStale), 1);
}

TEST(ClassLabelTest, AnyTextIsAClassNameAndTiesAtTheTopGoToTheFirst) {
  SourceRun run;
  run.Read(EventBuilder::Classes("a", {{"hate", 0.4}, {"safe", 0.4}, {"spam", 0.2}}));
  run.Read(EventBuilder::LabeledAs("a", "safe"));
  EXPECT_EQ(run.TotalOf("safe").positive, 1);
  EXPECT_EQ(run.TotalOf("hate").labeled, 1);
  EXPECT_EQ(run.TotalOf("hate").positive, 0);
  EXPECT_EQ(run.TotalOf("__top__").labeled, 1);
  EXPECT_EQ(run.TotalOf("__top__").positive, 0);
  run.Read(EventBuilder::LabeledAs("a", "hate").Revision(1));
  EXPECT_EQ(run.TotalOf("__top__").positive, 1);
  EXPECT_EQ(run.TotalOf("safe").positive, 0);
}

TEST(ClassLabelTest, ATruthValueIsUnusableThereAndAClassNameIsInABinaryUnit) {
  SourceRun run;
  run.Read(EventBuilder::Classes("a", {{"hate", 0.4}, {"spam", 0.6}}));
  run.Read(Labeled("a", true));
  run.Read(Scored("b"));
  run.Read(EventBuilder::LabeledAs("b", "hate"));
  EXPECT_EQ(run.Total().labeled, 0);
  EXPECT_EQ(run.Labels(LabelOutcome::kUnusable), 2);
  run.Read(EventBuilder::LabeledAs("b", "unsafe"));
  EXPECT_EQ(run.Total().positive, 1);
}

TEST(LabelFeedsTest, ConfusionTakesLabelledAndDecidedScoresInEitherOrder) {
  SourceRun run;
  run.Read(Scored("a"));
  run.Read(Labeled("a", true));
  EXPECT_EQ(run.Total().false_negative, 0);
  run.Read(EventBuilder::Decided("a", Verdict::kAllow));
  EXPECT_EQ(run.Total().false_negative, 1);
  run.Read(Labeled("a", false).Revision(1));
  EXPECT_EQ(run.Total().false_negative, 0);
  EXPECT_EQ(run.Total().true_negative, 1);
}

TEST(LabelFeedsTest, TheProbabilityOfReviewChangesNoCount) {
  SourceRun run;
  run.Read(Scored("a").SampleProbability(0.1));
  run.Read(Labeled("a", true).SampleProbability(0.01));
  EXPECT_EQ(run.Total().labeled, 1);
  EXPECT_EQ(run.Total().unlabeled(), 0);
}

TEST(LabelSampleTest, KeepsForJoiningTheRequestsThatItsHashChooses) {
  SourceOptions half;
  half.label_sample = 0.5;
  SourceRun run(half);
  std::int64_t chosen = 0;
  for (int i = 0; i < 100; ++i) {
    const std::string request = "r" + std::to_string(i);
    chosen += Mix64(Fnv1a64(request)) < (std::uint64_t{1} << 63) ? 1 : 0;
    run.Read(Scored(request));
    if (i % 2 == 0) run.Read(Labeled(request, true));
  }
  ASSERT_GT(chosen, 30);
  ASSERT_LT(chosen, 70);
  const Aggregate total = run.Total();
  EXPECT_EQ(total.scored, 100);
  EXPECT_EQ(total.sampled, chosen);
  EXPECT_EQ(total.labeled, 50 - run.Labels(LabelOutcome::kUnsampled));
  EXPECT_EQ(total.unlabeled(), chosen - total.labeled);
}

TEST(OrphanTest, IsCountedOnceHoweverManyShardsReadTheLabels) {
  SourceRun run({}, {{"labels", kOnlyLabels, 3}, {"scores", kOnlyScores, 4}});
  run.Read(2, Labeled("met", true));    // Counted by shard 2, met in shard 0.
  run.Read(0, Labeled("unmet", true));  // Met nowhere.
  run.Read(3, Scored("met"));
  run.Finish();
  EXPECT_EQ(run.Total().labeled, 1);
  EXPECT_EQ(run.Labels(LabelOutcome::kJoined), 1);
  EXPECT_EQ(run.Labels(LabelOutcome::kOrphan), 1);
}

}  // namespace
}  // namespace guardwatch
