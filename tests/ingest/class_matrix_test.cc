// Labels of class vectors count by (true class, predicted class), in the top label's series alone.

#include <gtest/gtest.h>

#include "ingest/class_names.h"
#include "support/source_run.h"

namespace guardwatch {
namespace {

using std::chrono::seconds;

constexpr std::size_t kLabels = 0;
constexpr std::size_t kScores = 1;

using Counts = std::map<std::pair<std::string, std::string>, std::int64_t>;

SourceRun Apart() {
  SourceOptions source;
  source.cohorts = {"lang"};
  return SourceRun(std::move(source), {{"labels", kOnlyLabels, 1}, {"scores", kOnlyScores, 1}});
}

// An event whose class is predicted with 0.6.
EventBuilder Predicted(std::string request, const std::string& name) {
  const std::string rest = name == "safe" ? "hate" : "safe";
  return EventBuilder::Classes(std::move(request), {{rest, 0.3}, {name, 0.6}, {"spam", 0.1}})
      .Cohort({"de"});
}
EventBuilder Labeled(std::string request, std::string name, Duration after) {
  return EventBuilder::LabeledAs(std::move(request), std::move(name)).At(kNoon + after);
}

Counts CountsOf(const Aggregate& total) {
  Counts counts;
  for (const LabeledClasses::Cell& cell : total.classes.cells()) {
    counts[{total.classes.names()[cell.actual], total.classes.names()[cell.predicted]}] =
        cell.count;
  }
  return counts;
}

TEST(ClassMatrixTest, CountsWhatWasPredictedAgainstWhatIsTrueInEitherOrder) {
  SourceRun run = Apart();
  run.Read(kLabels, Labeled("early", "safe", seconds(1)));
  run.Read(kScores, Predicted("early", "hate"));
  run.Read(kScores, Predicted("a", "hate"));
  run.Read(kScores, Predicted("b", "hate"));
  run.Read(kScores, Predicted("c", "safe"));
  run.Read(kScores, Predicted("unlabelled", "safe"));
  run.Read(kLabels, Labeled("a", "hate", seconds(2)));
  run.Read(kLabels, Labeled("b", "irony", seconds(3)));  // No class of the vector.
  run.Read(kLabels, Labeled("c", "safe", seconds(4)));
  const Counts expected{
      {{"safe", "hate"}, 1}, {{"hate", "hate"}, 1}, {{"irony", "hate"}, 1}, {{"safe", "safe"}, 1}};
  EXPECT_EQ(CountsOf(run.TotalOf(std::string(kTopLabel))), expected);
}

TEST(ClassMatrixTest, ACorrectionMovesACountAndARetractionTakesItBack) {
  SourceRun run = Apart();
  run.Read(kScores, Predicted("a", "hate"));
  run.Read(kScores, Predicted("b", "safe"));
  run.Read(kLabels, Labeled("a", "safe", seconds(1)));
  run.Read(kLabels, Labeled("b", "spam", seconds(2)));
  run.Settle();  // What follows changes what was flushed already.
  run.Read(kLabels, Labeled("a", "spam", seconds(3)));  // Wrong before and after.
  run.Read(kLabels, EventBuilder::Retracted("b").At(kNoon + seconds(4)));
  const Aggregate total = run.TotalOf(std::string(kTopLabel));
  EXPECT_EQ(CountsOf(total), (Counts{{{"spam", "hate"}, 1}}));
  EXPECT_EQ(total.labeled, 1);
  EXPECT_EQ(std::vector<std::string>(total.classes.names().begin(), total.classes.names().end()),
            (std::vector<std::string>{"hate", "spam"}));
}

TEST(ClassMatrixTest, SingleClassesCohortsAndBinaryGuardrailsHaveNone) {
  SourceRun run = Apart();
  run.Read(kScores, Predicted("a", "hate"));
  run.Read(kLabels, Labeled("a", "hate", seconds(1)));
  run.Read(kScores, EventBuilder::Scored("b", 0.9).Guardrail("binary").Cohort({"de"}));
  run.Read(kLabels, Labeled("b", "unsafe", seconds(1)).Guardrail("binary"));
  EXPECT_TRUE(run.TotalOf("hate").classes.empty());
  EXPECT_TRUE(run.TotalOf("").classes.empty());
  const Aggregate slice = run.TotalOf("lang", "de");
  EXPECT_EQ(slice.labeled, 5);  // The binary one, three classes, and the top label.
  EXPECT_TRUE(slice.classes.empty());
}

TEST(ClassMatrixTest, ADecisionUnderALabelCountsNothingTwice) {
  SourceOptions source;
  GuardrailOptions options = OptionsOf("g");
  options.decided_by_decision_events = true;
  source.guardrails = {options};
  SourceRun run(
      std::move(source),
      {{"decisions", kOnlyDecisions, 1}, {"labels", kOnlyLabels, 1}, {"scores", kOnlyScores, 1}});
  run.Read(2, Predicted("a", "hate").Guardrail("g"));
  run.Read(1, Labeled("a", "safe", seconds(1)).Guardrail("g"));
  run.Read(0, EventBuilder::Decided("a", Verdict::kBlock)
                  .Guardrail("g")
                  .Category(std::string(kTopLabel))
                  .At(kNoon + seconds(2)));
  const Aggregate total = run.TotalOf(std::string(kTopLabel));
  EXPECT_EQ(total.false_positive, 1);
  EXPECT_EQ(CountsOf(total), (Counts{{{"safe", "hate"}, 1}}));
}

TEST(ClassNamesTest, NamesBeyondThePlacesOfAGuardrailShareOne) {
  ClassNames names({1, 2});
  const ClassId first = names.Resolve("g", "class 0");
  for (int i = 0; i < 100; ++i) {
    const ClassId id = names.Resolve("g", "class " + std::to_string(i));
    EXPECT_EQ(id == kOtherClass, i >= 64) << i;
  }
  EXPECT_EQ(names.Resolve("g", "class 0"), first);
  EXPECT_EQ(names[first].name, "class 0");
  EXPECT_EQ(names[kOtherClass].name, kOther);
  EXPECT_NE(names.Resolve("another", "class 99"), kOtherClass);
  EXPECT_EQ(names.Resolve("another", std::string(129, 'x')), kOtherClass);
}

TEST(ClassNamesTest, ThereIsABoundForAllGuardrailsTogether) {
  ClassNames names({1, 2});
  for (int i = 0; i < 20'000; ++i) names.Resolve("g" + std::to_string(i), "class");
  EXPECT_EQ(names.size(), ClassNames::kMost);
  EXPECT_EQ(names.Resolve("g19999", "class"), kOtherClass);
}

}  // namespace
}  // namespace guardwatch
