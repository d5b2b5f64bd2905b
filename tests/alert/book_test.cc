#include "alert/book.h"

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

TEST(AlertBookTest, FiresAfterForAndResolvesAfterKeepFiringFor) {
  AlertRule rule;
  rule.hold_for = std::chrono::seconds(20);
  rule.keep_firing_for = std::chrono::seconds(10);
  AlertBook book;
  const auto step = [&](std::optional<bool> condition, int seconds) {
    Evaluation evaluation;
    evaluation.labels = {{"alertname", "BandWide"}};
    evaluation.condition = condition;
    book.Step(rule, evaluation, EventTime(std::chrono::seconds(seconds)), WallTime{});
    return book.empty() ? AlertState::kInactive : book.Alerts().at(0).state;
  };
  EXPECT_EQ(step(true, 0), AlertState::kPending);
  EXPECT_EQ(step(false, 10), AlertState::kInactive);
  EXPECT_EQ(step(true, 20), AlertState::kPending);
  EXPECT_EQ(step(std::nullopt, 60), AlertState::kPending);
  EXPECT_EQ(step(true, 60), AlertState::kFiring);
  EXPECT_EQ(step(false, 70), AlertState::kFiring);
  EXPECT_EQ(step(std::nullopt, 90), AlertState::kFiring);
  EXPECT_EQ(step(false, 90), AlertState::kResolved);
  EXPECT_EQ(step(true, 100), AlertState::kPending);
}

TEST(AlertBookTest, AnAlertThatEndsGoesOnSayingWhatItWasAbout) {
  const AlertRule rule;
  AlertBook book;
  Evaluation evaluation;
  evaluation.labels = {{"alertname", "BandWide"}};
  evaluation.condition = true;
  book.Step(rule, evaluation, {}, {});
  book.Annotate(evaluation.labels, {{"summary", "too wide"}});
  EXPECT_EQ(book.Alerts().at(0).annotations.at("summary"), "too wide");
  evaluation.condition = false;
  book.Step(rule, evaluation, EventTime(std::chrono::seconds(20)), {});
  EXPECT_EQ(book.Alerts().at(0).state, AlertState::kResolved);
  EXPECT_EQ(book.Alerts().at(0).annotations.at("summary"), "too wide");
}

TEST(AlertBookTest, AnAlertThatIsNotThereCannotBeDescribed) {
  AlertBook book;
  book.Annotate({{"alertname", "BandWide"}}, {{"summary", "too wide"}});
  EXPECT_TRUE(book.empty());
}

}  // namespace
}  // namespace guardwatch
