#include "alert/alert.h"

#include <gtest/gtest.h>

#include "alert/book.h"

namespace guardwatch {
namespace {

using std::chrono::minutes;

EventTime At(minutes m) { return EventTime(Duration(m)); }
WallTime WallAt(minutes m) { return WallTime(Duration(m)); }

Evaluation Evaluate(const std::string& name, std::optional<bool> condition) {
  Evaluation evaluation;
  evaluation.labels = {{"alertname", name}, {"guardrail", "toxicity"}};
  evaluation.condition = condition;
  evaluation.value = 0.3;
  evaluation.n = 100;
  return evaluation;
}

AlertRule Rule(const std::string& name, Duration hold_for = {}, Duration keep_firing_for = {}) {
  AlertRule rule;
  rule.name = name;
  rule.hold_for = hold_for;
  rule.keep_firing_for = keep_firing_for;
  return rule;
}

TEST(AlertIdTest, IsTheSameInEveryProcess) {
  EXPECT_EQ(
      AlertId({{"alertname", "ToxicityBandWide"}, {"guardrail", "toxicity"}, {"severity", "page"}}),
      "32a3ec764fa685a0");
  EXPECT_EQ(AlertId({}), "f52a15e9a9b5e89b");
}

TEST(AlertBookTest, WithoutForItFiresAtOnce) {
  AlertBook book;
  book.Step(Rule("A"), Evaluate("A", true), At(minutes(1)), WallAt(minutes(1)));
  ASSERT_EQ(book.Alerts().size(), 1u);
  EXPECT_EQ(book.Alerts()[0].state, AlertState::kFiring);
  EXPECT_EQ(book.Alerts()[0].firing_since, At(minutes(1)));
}

TEST(AlertBookTest, KeepFiringForStartsAnewWhenTheConditionReturns) {
  AlertBook book;
  const AlertRule rule = Rule("A", {}, minutes(5));
  const auto step = [&](bool condition, int minute) {
    book.Step(rule, Evaluate("A", condition), At(minutes(minute)), WallAt(minutes(minute)));
    return book.Alerts().at(0).state;
  };
  EXPECT_EQ(step(true, 0), AlertState::kFiring);
  EXPECT_EQ(step(false, 1), AlertState::kFiring);
  EXPECT_EQ(step(true, 4), AlertState::kFiring);
  EXPECT_EQ(step(false, 7), AlertState::kFiring);
  EXPECT_EQ(step(false, 11), AlertState::kFiring);
  EXPECT_EQ(step(false, 12), AlertState::kResolved);
}

TEST(AlertBookTest, TooLittleDataMovesNothing) {
  AlertBook book;
  const AlertRule rule = Rule("A", minutes(2));
  book.Step(rule, Evaluate("A", true), At(minutes(0)), WallAt(minutes(0)));
  book.Step(rule, Evaluate("A", std::nullopt), At(minutes(5)), WallAt(minutes(5)));
  EXPECT_EQ(book.Alerts().at(0).state, AlertState::kPending);
  book.Step(rule, Evaluate("A", true), At(minutes(6)), WallAt(minutes(6)));
  EXPECT_EQ(book.Alerts().at(0).state, AlertState::kFiring);
  book.Step(rule, Evaluate("A", std::nullopt), At(minutes(99)), WallAt(minutes(99)));
  EXPECT_EQ(book.Alerts().at(0).state, AlertState::kFiring);
}

TEST(AlertBookTest, AlertsOfARuleThatIsGoneResolve) {
  AlertBook book;
  const AlertRule gone = Rule("Gone");
  const AlertRule kept = Rule("Kept");
  const AlertRule waiting = Rule("Waiting", minutes(9));
  book.Step(gone, Evaluate("Gone", true), At(minutes(1)), WallAt(minutes(1)));
  book.Step(kept, Evaluate("Kept", true), At(minutes(1)), WallAt(minutes(1)));
  book.Step(waiting, Evaluate("Waiting", true), At(minutes(1)), WallAt(minutes(1)));
  book.ResolveAllBut({kept}, WallAt(minutes(3)));
  ASSERT_EQ(book.Alerts().size(), 2u);
  for (const Alert& alert : book.Alerts()) {
    const bool is_kept = alert.labels.at("alertname") == "Kept";
    EXPECT_EQ(alert.state, is_kept ? AlertState::kFiring : AlertState::kResolved);
  }
}

TEST(AlertBookTest, ResolvedAlertsAreForgottenByTheWallClock) {
  AlertBook book;
  const AlertRule rule = Rule("A");
  book.Step(rule, Evaluate("A", true), At(minutes(1)), WallAt(minutes(10)));
  book.Step(rule, Evaluate("A", false), At(minutes(2)), WallAt(minutes(11)));
  book.ForgetResolvedBefore(WallAt(minutes(11)));
  EXPECT_EQ(book.Alerts().size(), 1u);
  book.ForgetResolvedBefore(WallAt(minutes(12)));
  EXPECT_TRUE(book.empty());
}

}  // namespace
}  // namespace guardwatch
