// The user's rules on sealed and matured panes, and what health says of a source.

#include <gtest/gtest.h>

#include "support/source_run.h"

namespace guardwatch {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

AlertRule TooManyFlagged() {
  AlertRule rule;
  rule.name = "TooManyFlagged";
  rule.statistic = "fail_rate";
  rule.above = 0.5;
  return rule;
}
MonitorOptions With(AlertRule rule) {
  MonitorOptions options = SourceRun::TwoDays();
  options.rules = {std::move(rule)};
  options.resolved_retention = hours(1000);
  options.external_url = "http://guardwatch";
  return options;
}
std::vector<TestTopic> OneLog() { return {{"events", kEverything, 1}}; }

// Ten flagged or allowed scores in one pane.
void ReadPane(SourceRun& run, EventTime time, bool flagged) {
  for (int i = 0; i < 10; ++i) {
    run.Read(EventBuilder::Scored("", flagged ? 0.9 : 0.1).At(time).Threshold(0.5));
  }
}
bool Has(SourceRun& run, std::string_view kind) {
  const auto snapshot = run.TakeSnapshot();
  return std::any_of(snapshot->findings.begin(), snapshot->findings.end(),
                     [&](const Finding& finding) { return finding.kind == kind; });
}

TEST(RuleTest, FiresAfterItsTimeAndResolvesAfterItsHoldInEventTimeOrderAlsoInOneBatch) {
  AlertRule rule = TooManyFlagged();
  rule.window = seconds(10);
  rule.hold_for = seconds(20);
  rule.keep_firing_for = seconds(10);
  MonitorOptions options = With(rule);
  options.windows.push_back(seconds(10));
  SourceRun run({}, OneLog(), options);
  for (int pane = 0; pane < 4; ++pane) ReadPane(run, kNoon + pane * kPaneWidth, true);
  for (int pane = 4; pane < 6; ++pane) ReadPane(run, kNoon + pane * kPaneWidth, false);
  run.Finish();
  const auto alerts = run.TakeSnapshot()->alerts;
  ASSERT_EQ(alerts.size(), 1u);
  EXPECT_EQ(alerts[0].state, AlertState::kResolved);
  EXPECT_EQ(alerts[0].pending_since, kNoon + seconds(10));
  EXPECT_EQ(alerts[0].firing_since, kNoon + seconds(30));
  EXPECT_EQ(alerts[0].resolved_at, kNoon + seconds(60));
}

TEST(RuleTest, TooFewEventsNeitherFireNorResolve) {
  for (const std::int64_t min_events : {10, 11}) {
    AlertRule rule = TooManyFlagged();
    rule.min_events = min_events;
    SourceRun run({}, OneLog(), With(rule));
    ReadPane(run, kNoon, true);
    run.Finish();
    EXPECT_EQ(run.TakeSnapshot()->alerts.size(), min_events == 10 ? 1u : 0u);
  }
}

TEST(RuleTest, PerCohortEachValueIsAnAlertOfItsOwn) {
  AlertRule rule = TooManyFlagged();
  rule.cohort_dimension = "lang";
  SourceOptions source;
  source.cohorts = {"lang"};
  SourceRun run(source, OneLog(), With(rule));
  run.Read(EventBuilder::Scored("", 0.9).Threshold(0.5).Cohort({"de"}));
  run.Read(EventBuilder::Scored("", 0.9).Threshold(0.5).Cohort({"en"}));
  run.Read(EventBuilder::Scored("", 0.1).Threshold(0.5).Cohort({"fr"}));
  run.Finish();
  const auto alerts = run.TakeSnapshot()->alerts;
  ASSERT_EQ(alerts.size(), 2u);
  for (const Alert& alert : alerts) {
    EXPECT_EQ(alert.labels.at("dimension"), "lang");
    EXPECT_NE(alert.labels.at("value"), "fr");
  }
}

TEST(RuleTest, OnLabelsIsJudgedOnMaturedPanes) {
  AlertRule rule = TooManyFlagged();
  rule.statistic = "ece";
  rule.above = 0.2;
  rule.window = hours(1);
  SourceRun run({}, OneLog(), With(rule));
  for (int i = 0; i < 50; ++i) run.Read(EventBuilder::Scored("", 0.9).Label(false));
  run.Read(EventBuilder::Scored("", 0.9).At(kNoon + hours(20)));
  run.Settle();
  EXPECT_TRUE(run.TakeSnapshot()->alerts.empty());
  run.Finish();
  const auto alerts = run.TakeSnapshot()->alerts;
  ASSERT_EQ(alerts.size(), 1u);
  EXPECT_EQ(alerts[0].firing_since, kNoon + minutes(10));
}

TEST(RuleTest, NamesAreEscapedInTheLink) {
  SourceRun run({}, OneLog(), With(TooManyFlagged()));
  run.Read(EventBuilder::Scored("", 0.9).Threshold(0.5).Guardrail("a/b?c").Category("d#e%f g"));
  run.Finish();
  const auto alerts = run.TakeSnapshot()->alerts;
  ASSERT_EQ(alerts.size(), 1u);
  EXPECT_EQ(alerts[0].annotations.at("dashboard_url"),
            "http://guardwatch/#/guardrail/gateway/a%2Fb%3Fc/d%23e%25f%20g");
}

TEST(CatchUpTest, NotificationsAreHeldUntilTheSourceIsNearTheWallClock) {
  SourceRun run;
  run.set_wall(kNoon);
  run.health(0).at_end = false;
  run.Read(EventBuilder::Scored("", 0.5).At(kNoon - hours(1)));
  run.Flush();
  EXPECT_TRUE(run.TakeSnapshot()->notifications_held);
  run.Read(EventBuilder::Scored("", 0.5).At(kNoon - minutes(5)));
  run.Flush();
  EXPECT_FALSE(run.TakeSnapshot()->notifications_held);
}

TEST(HealthTest, NoDataAndThenStalled) {
  SourceRun run;
  run.Flush();
  EXPECT_FALSE(Has(run, "no_data"));
  run.Pass(minutes(1));
  EXPECT_TRUE(Has(run, "no_data"));
  ReadPane(run, kNoon, true);
  run.Settle();
  EXPECT_FALSE(Has(run, "no_data"));
  run.Pass(minutes(5));
  EXPECT_TRUE(Has(run, "stalled"));
}

TEST(HealthTest, ALogThatCannotBeReadIsAFinding) {
  SourceRun run;
  ReadPane(run, kNoon, true);
  run.health(0) = {.readable = false, .at_end = false};
  run.Flush();
  EXPECT_FALSE(Has(run, "log_unavailable"));
  run.Pass(minutes(10));
  run.Flush();
  EXPECT_TRUE(Has(run, "log_unavailable"));
}

TEST(HealthTest, ATopicThatIsMostlyRejectedIsAFinding) {
  SourceRun run;
  run.TakeSnapshot();
  ReadPane(run, kNoon, true);
  for (int i = 0; i < 100; ++i) {
    run.ReadRejected(0, RejectReason::kMissingField, EventBuilder::Scored("", 0.5));
  }
  run.Flush();
  EXPECT_TRUE(Has(run, "events_rejected"));
}

TEST(HealthTest, LabelsThatMeetNoScoreAreAFinding) {
  SourceRun run;
  run.TakeSnapshot();
  ReadPane(run, kNoon, true);
  for (int i = 0; i < 100; ++i) run.Read(EventBuilder::Labeled("x" + std::to_string(i), true));
  run.Finish();
  EXPECT_TRUE(Has(run, "labels_unmatched"));
}

TEST(HealthTest, AReachedCapIsAFinding) {
  SourceOptions source;
  source.max_units = 1;
  SourceRun run(source);
  run.Read(EventBuilder::Scored("", 0.5).Guardrail("a"));
  run.Flush();
  EXPECT_FALSE(Has(run, "series_limit"));
  run.Read(EventBuilder::Scored("", 0.5).Guardrail("b"));
  run.Flush();
  EXPECT_TRUE(Has(run, "series_limit"));
}

}  // namespace
}  // namespace guardwatch
