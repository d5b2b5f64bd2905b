#include "source/scenario.h"

#include <cmath>
#include <functional>
#include <set>

#include <gtest/gtest.h>

#include "generated.h"

namespace guardwatch {
namespace {

using std::chrono::minutes;

// The stream's three parts: before the change, while it lasts, and after the recovery.
enum Phase { kBefore, kDuring, kAfter };
constexpr Duration kChange = minutes(60);
constexpr Duration kRecovery = minutes(120);

ScenarioOptions Options(Scenario scenario) {
  ScenarioOptions options;
  options.scenario = scenario;
  options.imperfections = Imperfections::None();
  options.events = 10'800 * 5;
  options.rate = 5;
  options.change_after = kChange;
  options.recover_after = kRecovery;
  return options;
}

Phase PhaseOf(Duration at) { return at < kChange ? kBefore : at < kRecovery ? kDuring : kAfter; }

struct Mean {
  double sum = 0, count = 0;
  double value() const { return sum / count; }
};

using Records = std::vector<GeneratedRecord>;
using Measure = std::function<std::optional<double>(const GeneratedRecord&)>;

Records Stream(Scenario scenario) { return Generate(Options(scenario)); }

// The mean of `measure` in each phase, over the records that it measures.
std::array<Mean, 3> MeanByPhase(const Records& records, const Measure& measure) {
  std::array<Mean, 3> means{};
  for (const GeneratedRecord& record : records) {
    const std::optional<double> value = measure(record);
    if (!value) continue;
    const Phase phase = PhaseOf(TimeOf(record.payload) - ScenarioOptions{}.start);
    means[phase].sum += *value;
    means[phase].count += 1;
  }
  return means;
}

auto FailRate(const std::string& unit, const std::string& cohort = "") {
  return [=](const GeneratedRecord& record) -> std::optional<double> {
    const bool matches =
        IsScored(record) && Unit(record.payload) == unit && Has(record.payload, cohort);
    return matches ? std::optional<double>(IsFlagged(record.payload)) : std::nullopt;
  };
}

auto MeanScore(const std::string& unit) {
  return [=](const GeneratedRecord& record) -> std::optional<double> {
    if (!IsScored(record) || Unit(record.payload) != unit) return std::nullopt;
    return Number(record.payload, "score");
  };
}

auto BandShare(const std::string& unit, double threshold) {
  return [=](const GeneratedRecord& record) -> std::optional<double> {
    if (!IsScored(record) || Unit(record.payload) != unit) return std::nullopt;
    return std::abs(Number(record.payload, "score") - threshold) <= 0.05;
  };
}

TEST(Scenarios, HaveNamesThatFindThemAndStories) {
  std::set<std::string_view> names;
  for (const ScenarioInfo& info : Scenarios()) {
    EXPECT_EQ(ScenarioFromName(info.name), info.scenario);
    EXPECT_TRUE(info.story.ends_with('.')) << info.name;
    names.insert(info.name);
  }
  EXPECT_EQ(names.size(), 7u);
  EXPECT_FALSE(ScenarioFromName("quiet").has_value());
}

TEST(Scenarios, ChangeNothingWhenCalm) {
  const Records stream = Stream(Scenario::kCalm);
  const auto fail_rate = MeanByPhase(stream, FailRate("prompt-injection/jailbreak"));
  EXPECT_NEAR(fail_rate[kBefore].value(), 0.045, 0.01);
  EXPECT_NEAR(fail_rate[kDuring].value(), 0.045, 0.01);
  const auto band = MeanByPhase(stream, BandShare("prompt-injection/jailbreak", 0.8));
  EXPECT_NEAR(band[kDuring].value(), 0.0125, 0.005);
}

TEST(Scenarios, CohortRegressionFlagsGermanOnly) {
  const Records stream = Stream(Scenario::kCohortRegression);
  const auto german = MeanByPhase(stream, FailRate("prompt-injection/jailbreak", R"("lang":"de")"));
  EXPECT_LT(german[kBefore].value(), 0.08);
  EXPECT_NEAR(german[kDuring].value(), 0.475, 0.04);
  EXPECT_LT(german[kAfter].value(), 0.08);
  for (const std::string other : {"en", "fr", "es", "ja"}) {
    const std::string cohort = R"("lang":")" + other + '"';
    const auto rates = MeanByPhase(stream, FailRate("prompt-injection/jailbreak", cohort));
    EXPECT_LT(rates[kDuring].value(), 0.08) << other;
  }
  EXPECT_LT(MeanByPhase(stream, FailRate("pii", R"("lang":"de")"))[kDuring].value(), 0.15);
}

TEST(Scenarios, BandWideningCrowdsTheThreshold) {
  const auto band =
      MeanByPhase(Stream(Scenario::kBandWidening), BandShare("prompt-injection/jailbreak", 0.8));
  EXPECT_LT(band[kBefore].value(), 0.02);
  EXPECT_NEAR(band[kDuring].value(), 0.22, 0.02);
  EXPECT_LT(band[kAfter].value(), 0.02);
}

TEST(Scenarios, ScoreShiftRaisesScoresOfPii) {
  const Records stream = Stream(Scenario::kScoreShift);
  const auto score = MeanByPhase(stream, MeanScore("pii"));
  EXPECT_GT(score[kDuring].value(), score[kBefore].value() + 0.07);
  EXPECT_NEAR(score[kAfter].value(), score[kBefore].value(), 0.02);
  const auto other = MeanByPhase(stream, MeanScore("toxicity/hate"));
  EXPECT_NEAR(other[kDuring].value(), other[kBefore].value(), 0.02);
}

TEST(Scenarios, ThresholdMovedTakesTheNewPolicyVersion) {
  const auto threshold = MeanByPhase(
      Stream(Scenario::kThresholdMoved), [](const auto& record) -> std::optional<double> {
        if (!IsScored(record) || Unit(record.payload) != "prompt-injection/jailbreak") {
          return std::nullopt;
        }
        const double value = Number(record.payload, "threshold");
        const bool moved = Field(record.payload, "policy_version") == "2026-11-15";
        EXPECT_EQ(moved, value == 0.65);
        return value;
      });
  EXPECT_NEAR(threshold[kBefore].value(), 0.8, 1e-9);
  EXPECT_NEAR(threshold[kDuring].value(), 0.65, 1e-9);
  EXPECT_NEAR(threshold[kAfter].value(), 0.8, 1e-9);
}

TEST(Scenarios, LabelOutageSilencesLabelsOnly) {
  const auto one = [](bool labels) {
    return [=](const GeneratedRecord& record) -> std::optional<double> {
      if (IsLabel(record) != labels) return std::nullopt;
      return 1;
    };
  };
  const Records stream = Stream(Scenario::kLabelOutage);
  const auto labels = MeanByPhase(stream, one(true));
  EXPECT_GT(labels[kBefore].count, 200);
  EXPECT_EQ(labels[kDuring].count, 0);
  EXPECT_GT(labels[kAfter].count, 200);
  EXPECT_GT(MeanByPhase(stream, one(false))[kDuring].count, 12'000);
}

// Over-confident scores lie farther out than the labels allow, but on the same side of the
// threshold.
TEST(Scenarios, CalibrationDriftOverstatesScoresOfHate) {
  ScenarioOptions options = Options(Scenario::kCalibrationDrift);
  options.reviewed_suspects = 1;
  options.reviewed_rest = 1;
  const Records stream = Generate(options);
  std::map<std::string, std::pair<double, Duration>> scores;
  std::array<Mean, 3> overstated{};
  for (const GeneratedRecord& record : stream) {
    if (Unit(record.payload) != "toxicity/hate") continue;
    if (IsScored(record)) {
      scores[record.key] = {Number(record.payload, "score"),
                            TimeOf(record.payload) - options.start};
      continue;
    }
    const auto [score, at] = scores.at(record.key);
    const Phase phase = PhaseOf(at);
    const double surprise = score - double(IsPositive(record.payload));
    overstated[phase].sum += score >= 0.5 ? surprise : -surprise;
    overstated[phase].count += 1;
  }
  EXPECT_NEAR(overstated[kBefore].value(), 0, 0.015);
  EXPECT_GT(overstated[kDuring].value(), 0.04);
  EXPECT_NEAR(overstated[kAfter].value(), 0, 0.015);
  const auto fail_rate = MeanByPhase(stream, FailRate("toxicity/hate"));
  EXPECT_NEAR(fail_rate[kDuring].value(), fail_rate[kBefore].value(), 0.015);
}

TEST(Scenarios, ChangeHalfwayThroughTheStreamUnlessToldOtherwise) {
  ScenarioOptions options;
  options.events = 6000;
  options.rate = 10;
  EXPECT_EQ(StreamLength(options), minutes(10));
  EXPECT_EQ(ChangeAfter(options), minutes(5));
  options.change_after = minutes(1);
  EXPECT_EQ(ChangeAfter(options), minutes(1));
}

TEST(Scenarios, RefuseOptionsThatMakeNoStream) {
  EXPECT_TRUE(Validate(ScenarioOptions{}).has_value());
  const auto refused = [](const std::function<void(ScenarioOptions&)>& spoil) {
    ScenarioOptions options;
    spoil(options);
    const Result<void> result = Validate(options);
    return result ? std::string() : result.error().message;
  };
  using Options = ScenarioOptions;
  EXPECT_TRUE(refused([](Options& o) { o.partitions = 0; }).starts_with("partitions"));
  EXPECT_TRUE(refused([](Options& o) { o.label_partitions = 0; }).starts_with("label_partitions"));
  EXPECT_TRUE(refused([](Options& o) { o.events = -1; }).starts_with("events"));
  EXPECT_TRUE(refused([](Options& o) { o.rate = 0; }).starts_with("rate"));
  EXPECT_TRUE(refused([](Options& o) { o.rate = std::nan(""); }).starts_with("rate"));
  EXPECT_TRUE(refused([](Options& o) { o.reviewed_rest = 0; }).starts_with("reviewed"));
  EXPECT_TRUE(refused([](Options& o) { o.label_delay = Duration(0); }).starts_with("label_delay"));
  EXPECT_TRUE(refused([](Options& o) { o.imperfections.late = 1.5; }).starts_with("every"));
  EXPECT_TRUE(refused([](Options& o) { o.recover_after = minutes(1); }).starts_with("recover"));
}

}  // namespace
}  // namespace guardwatch
