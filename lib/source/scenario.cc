#include "source/scenario.h"

#include <array>

#include "source/fleet.h"

namespace guardwatch {
namespace {

constexpr std::array kScenarios{
    ScenarioInfo{Scenario::kCalm, "calm", "Nothing goes wrong: every score is calibrated."},
    ScenarioInfo{
        Scenario::kCalibrationDrift, "calibration-drift",
        "Scores of toxicity/hate become over-confident while its fail rate stays the same."},
    ScenarioInfo{Scenario::kBandWidening, "band-widening",
                 "Scores of prompt-injection crowd around the threshold of 0.8."},
    ScenarioInfo{Scenario::kCohortRegression, "cohort-regression",
                 "The `de` cohort of prompt-injection is flagged ten times as often as before, "
                 "mostly wrongly."},
    ScenarioInfo{Scenario::kScoreShift, "score-shift",
                 "Scores of pii rise: the odds in them triple while the traffic stays the same."},
    ScenarioInfo{Scenario::kThresholdMoved, "threshold-moved",
                 "A new policy version lowers the threshold of prompt-injection from 0.8 to 0.65."},
    ScenarioInfo{Scenario::kLabelOutage, "label-outage", "No more labels arrive."},
};

constexpr Duration kChangeOfEndlessStream = std::chrono::minutes(10);
constexpr double kLowestRate = 1e-3;
constexpr double kHighestRate = 1e6;

bool IsShare(double value) { return value >= 0 && value <= 1; }

}  // namespace

std::vector<ScenarioInfo> Scenarios() { return {kScenarios.begin(), kScenarios.end()}; }

std::optional<Scenario> ScenarioFromName(std::string_view name) {
  for (const ScenarioInfo& info : kScenarios) {
    if (info.name == name) return info.scenario;
  }
  return std::nullopt;
}

Result<void> Validate(const ScenarioOptions& options) {
  const auto is_probability = [](double value) { return value > 0 && value <= 1; };
  if (options.partitions < 1) return Fail("partitions must be at least 1");
  if (options.label_partitions < 1) return Fail("label_partitions must be at least 1");
  if (options.events && *options.events < 0) return Fail("events must not be negative");
  if (!(options.rate >= kLowestRate && options.rate <= kHighestRate)) {
    return Fail("rate must be from 0.001 to 1000000 events per second");
  }
  if (!is_probability(options.reviewed_suspects) || !is_probability(options.reviewed_rest)) {
    return Fail("reviewed_suspects and reviewed_rest must be above 0 and at most 1");
  }
  if (options.label_delay <= Duration::zero()) return Fail("label_delay must be above 0");
  if (options.allowed_lateness <= Duration::zero() || options.label_lateness <= Duration::zero()) {
    return Fail("allowed_lateness and label_lateness must be above 0");
  }
  if (options.recover_after && *options.recover_after < ChangeAfter(options)) {
    return Fail("recover_after must not be before the change");
  }
  const Imperfections& shares = options.imperfections;
  for (const double share :
       {shares.out_of_order, shares.late, shares.duplicates, shares.corrections, shares.retractions,
        shares.malformed, shares.missing_ids, shares.errors, shares.lost_decisions}) {
    if (!IsShare(share)) return Fail("every imperfection must be a share from 0 to 1");
  }
  return {};
}

Duration StreamLength(const ScenarioOptions& options) {
  if (!options.events) return Duration::zero();
  const double seconds = static_cast<double>(*options.events) / options.rate;
  return Duration(static_cast<std::int64_t>(seconds * 1e6));
}

Duration LongestDelay(const ScenarioOptions& options) {
  const Duration review = kLongestReview * options.label_delay;
  const Duration correction = 3 * options.label_delay;
  const Duration held_up = 3 * options.label_lateness + 12 * options.allowed_lateness;
  return review + correction + held_up + std::chrono::minutes(1);
}

Duration ChangeAfter(const ScenarioOptions& options) {
  if (options.change_after) return *options.change_after;
  return options.events ? StreamLength(options) / 2 : kChangeOfEndlessStream;
}

}  // namespace guardwatch
