#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulate_csv.h"
#include "simulate_data.h"
#include "simulate_trials.h"

namespace guardwatch {
namespace {

constexpr PaneIndex kLimit = 1'000'000;

std::string ErrorOf(const std::string& text) {
  const auto rows = ParsePanes("f.csv", text, kLimit);
  return rows ? "" : rows.error().message;
}

TEST(PanesCsvTest, HeaderBlanksAndCarriageReturnsAreOptional) {
  const auto rows = ParsePanes("f.csv", "\xef\xbb\xbfpane,n,s\r\n\r\n-1, 20 ,3\r\n7,0,0", kLimit);
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 2u);
  EXPECT_EQ((*rows)[0].pane, -1);
  EXPECT_EQ((*rows)[0].count, (Count{20, 3}));
  EXPECT_EQ((*rows)[1].pane, 7);
  EXPECT_TRUE(ParsePanes("f.csv", "", kLimit)->empty());
}

TEST(PanesCsvTest, ErrorsSayWhereAndWhat) {
  EXPECT_EQ(ErrorOf("1,2\n"), "f.csv:1:3: expected 3 fields, pane,n,s; found 2");
  EXPECT_EQ(ErrorOf("1,2,1,9\n"), "f.csv:1:7: expected 3 fields, pane,n,s; found 4");
  EXPECT_EQ(ErrorOf("pane,n,s\n1,2,x\n"), "f.csv:2:5: expected a whole number, found \"x\"");
  EXPECT_EQ(ErrorOf("n,s,pane\n"), "f.csv:1:1: expected a whole number, found \"n\"");
  EXPECT_EQ(ErrorOf("1,2.5,1"), "f.csv:1:3: expected a whole number, found \"2.5\"");
  EXPECT_EQ(ErrorOf("1,2,3"), "f.csv:1:5: expected 0 <= s <= n");
  EXPECT_EQ(ErrorOf("1,-2,-3"), "f.csv:1:3: expected 0 <= n <= 2^53");
  EXPECT_EQ(ErrorOf("3,2,1\n\n3,2,1"), "f.csv:3:1: panes must ascend; the one before is 3");
  EXPECT_EQ(ErrorOf("1000001,2,1"), "f.csv:1:1: the pane's time is out of range");
  EXPECT_EQ(ErrorOf("99999999999999999999,2,1"),
            "f.csv:1:1: expected a whole number, found \"99999999999999999999\"");
}

std::vector<PaneRow> Rows(PaneIndex first, PaneIndex end, std::int64_t s) {
  std::vector<PaneRow> rows;
  for (PaneIndex pane = first; pane < end; ++pane) rows.push_back({pane, {1000, s + pane % 3 - 1}});
  return rows;
}

TEST(DataRunTest, ReportsAChangeAgainAsLongAsItStays) {
  const DataRun run = RunOnData({}, Rows(0, 1000, 20), Rows(1000, 1100, 40));
  EXPECT_EQ(run.state, WatchState::kArmed);
  EXPECT_EQ(run.threshold, 518'400);
  ASSERT_GT(run.alarms.size(), 5u);
  EXPECT_EQ(run.alarms[0].direction, Direction::kUp);
  EXPECT_EQ(run.alarms[0].change_pane, 999);
  EXPECT_EQ(run.alarms[1].change_pane, run.alarms[0].pane);
}

TEST(DataRunTest, ATooShortReferenceArmsNothing) {
  const DataRun run = RunOnData({}, {{0, {199, 4}}}, Rows(1000, 1100, 400));
  EXPECT_EQ(run.state, WatchState::kLearning);
  EXPECT_EQ(run.missing, "199 of 200 events");
  EXPECT_TRUE(run.alarms.empty());
}

TEST(SimulatedStreamTest, HasTheDispersionThatIsAskedFor) {
  for (const double phi : {1.0, 2.0, 4.0}) {
    StreamOptions options;
    options.dispersion = phi;
    SimulatedStream stream(options, 11);
    std::vector<Count> panes;
    for (PaneIndex pane = 0; pane < 20'000; ++pane) panes.push_back(stream.Next(pane));
    EXPECT_NEAR(OverDispersion(panes), phi, .06 * phi) << "seed 11";
    double s = 0;
    for (const Count& pane : panes) s += double(pane.s);
    EXPECT_NEAR(s / 2e7, .02, .0003) << "seed 11";
  }
}

// The limits of a Poisson mean after 0, 1 and 10 events: Garwood (1936), table 1.
TEST(PoissonLimitsTest, AreThePublishedOnes) {
  EXPECT_EQ(PoissonLower(0, .025), 0);
  EXPECT_NEAR(PoissonUpper(0, .025), 3.689, 5e-4);
  EXPECT_NEAR(PoissonLower(1, .025), .0253, 5e-5);
  EXPECT_NEAR(PoissonUpper(1, .025), 5.572, 5e-4);
  EXPECT_NEAR(PoissonLower(10, .025), 4.795, 5e-4);
  EXPECT_NEAR(PoissonUpper(10, .025), 18.390, 5e-4);
}

// The promise in short: months of streams of every kind, with a budget large enough to count
// alarms.
class PromiseTest : public testing::TestWithParam<std::pair<const char*, StreamOptions>> {};

TEST_P(PromiseTest, FalseAlarmsStayWithinTheBudget) {
  TrialOptions options;
  options.stream = GetParam().second;
  options.detector.false_alarms_per_30d = 30;
  options.runs = 4;
  options.seed = 20;
  if (options.stream.daily > 0) options.reference_panes = 3 * 8640;
  const TrialResult result = RunTrials(options);
  EXPECT_LE(PoissonUpper(result.false_alarms, .05) / 4, 30) << GetParam().first << ", seed 20";
}

StreamOptions With(double StreamOptions::*member, double value) {
  StreamOptions options;
  options.*member = value;
  return options;
}

INSTANTIATE_TEST_SUITE_P(
    Streams, PromiseTest,
    testing::Values(std::pair{"stationary", StreamOptions()},
                    std::pair{"phi_2", With(&StreamOptions::dispersion, 2)},
                    std::pair{"phi_4", With(&StreamOptions::dispersion, 4)},
                    std::pair{"wander_5", With(&StreamOptions::wander_sd, .05)},
                    std::pair{"wander_10", With(&StreamOptions::wander_sd, .10)},
                    std::pair{"daily_30", With(&StreamOptions::daily, .3)}),
    [](const auto& row) { return std::string(row.param.first); });

TEST(DelayTrialsTest, AreCloseToTheFormula) {
  TrialOptions options;
  options.runs = 60;
  options.seed = 5;
  options.healthy_panes = 1000;
  options.changed_rates = {.03, .06};
  const TrialResult result = RunTrials(options);
  for (const DelayTrials& trials : result.delays) {
    EXPECT_EQ(trials.missed, 0);
    EXPECT_NEAR(trials.MeanEvents(1000), *trials.expected_events, .2 * *trials.expected_events)
        << trials.rate << ", seed 5";
  }
}

TEST(DelayTrialsTest, TheSameSeedGivesTheSameResult) {
  TrialOptions options;
  options.runs = 3;
  options.healthy_panes = 1000;
  options.changed_rates = {.03};
  options.stream.wander_sd = .05;
  EXPECT_EQ(RunTrials(options).delays[0].delays, RunTrials(options).delays[0].delays);
}

}  // namespace
}  // namespace guardwatch
