#include "window/statistics_reference.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "stats/distance.h"
#include "stats/label_free.h"
#include "stats/prevalence.h"
#include "stats/score_groups.h"
#include "window/statistics_compute.h"

namespace guardwatch {
namespace {

using statistics::AddInterval;
using statistics::LabeledScores;
using statistics::Missing;
using statistics::Number;
using statistics::PositiveScores;

constexpr bool kDistance = true;
constexpr std::size_t kEstimates = 8;
constexpr std::size_t kCalibration = 3;
constexpr std::size_t kDistances = 8;

constexpr std::array<ReferenceStatistic, kEstimates + kCalibration + kDistances> kTable{{
    {"expected_prevalence", "Positive rate to expect if P(label | score) is the reference's."},
    {"expected_precision", "Precision to expect on the same ground."},
    {"expected_recall", "Recall to expect on the same ground."},
    {"expected_f1", "F1 to expect on the same ground."},
    {"expected_roc_auc", "Area under the ROC curve to expect on the same ground."},
    {"prevalence_from_decisions",
     "Positive rate from what was flagged, if only that rate changed."},
    {"prevalence_from_scores", "Positive rate from the scores, if only that rate changed."},
    {"label_shift_z",
     "Distance of the two in standard errors; above 3 more than the rate changed."},
    {"ece_frozen_bins", "ECE over bins in which the reference has equally many labels."},
    {"mce_frozen_bins", "Greatest calibration error of such a bin with 10 labels or more."},
    {"ace_frozen_bins", "Mean calibration error of such bins."},
    {"population_stability_index", "Of scores, over 10 or 20 groups of the reference.", kDistance},
    {"jensen_shannon", "Divergence of scores over the same groups, nats, 0 to ln 2.", kDistance},
    {"hellinger_squared", "Squared Hellinger distance over the same groups, 0 to 1.", kDistance},
    {"kullback_leibler", "Divergence of scores from the reference, nats.", kDistance},
    {"score_cross_entropy", "Cross-entropy of scores under the reference, nats.", kDistance},
    {"kolmogorov_smirnov", "Greatest gap of the distribution functions, 0 to 1.", kDistance},
    {"wasserstein", "Mean distance that scores have moved, 0 to 1.", kDistance},
    {"wasserstein_standardised", "The same in standard deviations of the reference.", kDistance},
}};

using Values = std::vector<StatisticValue>;

void AddMissing(Values& values, std::size_t count, std::string_view reason, std::int64_t n) {
  for (std::size_t i = 0; i < count; ++i) values.push_back(Missing(reason, n));
}

void AddExpected(Values& values, const std::optional<ExpectedValue>& expected, std::int64_t n) {
  if (!expected) return values.push_back(Missing("no_data", n));
  AddInterval(values.emplace_back(Number(expected->value, n)), expected->sd);
}

// What labels are to be expected, given their chances by score.
void AddExpectations(Values& values, const Aggregate& live, std::span<const CalibratedBin> bins) {
  const auto performance = ExpectPerformance(bins);
  if (!performance) return AddMissing(values, 5, "no_data", 0);
  const std::int64_t n = performance->n;
  values.push_back(Number(performance->positive.value / double(n), n));
  AddInterval(values.back(), performance->positive.sd / double(n));
  const bool decided = live.decided > 0;
  const std::optional<ExpectedValue> none;
  AddExpected(values, decided ? performance->precision : none, n);
  AddExpected(values, decided ? performance->recall : none, n);
  AddExpected(values, decided ? performance->f1 : none, n);
  if (!performance->roc_auc) return values.push_back(Missing("no_data", n));
  values.push_back(Number(*performance->roc_auc, n));
  if (performance->roc_auc_sd) AddInterval(values.back(), *performance->roc_auc_sd);
}

// What the reference's own traffic was like. Not its labels: reviewers prefer high scores, which
// leaves P(label | score) as it is but nothing else.
ExpectedPerformance TrafficOf(const Aggregate& reference) {
  const ScoreHistogram& scores = reference.histogram;
  return *ExpectPerformance(CalibratedBinsOf(scores, scores, scores.m(), reference.flagged));
}

std::optional<Prevalence> FromDecisions(const Aggregate& live, const Aggregate& reference,
                                        const ExpectedPerformance& traffic) {
  if (reference.decided <= 0) return std::nullopt;
  const double tp = traffic.true_positive.value;
  const double fn = traffic.false_negative.value;
  const double fp = traffic.false_positive;
  return PrevalenceFromDecisions(
      live.flagged, live.decided,
      {tp / (tp + fn), fp / (fp + traffic.true_negative), PositiveScores(reference),
       LabeledScores(reference) - PositiveScores(reference)});
}

std::optional<Prevalence> FromScores(std::span<const CalibratedBin> bins,
                                     const ExpectedPerformance& traffic) {
  std::vector<CalibratedCount> counts;
  for (const CalibratedBin& bin : bins) counts.push_back({bin.rate, double(bin.n())});
  return PrevalenceFromScores(counts, traffic.positive.value / double(traffic.n));
}

void AddPrevalence(Values& values, const std::optional<Prevalence>& prevalence, std::int64_t n) {
  if (!prevalence) return values.push_back(Missing(n > 0 ? "too_few" : "no_data", n));
  AddInterval(values.emplace_back(Number(prevalence->value, n)), prevalence->se);
}

void AddEstimates(Values& values, const Aggregate& live, const Aggregate& reference) {
  if (live.scored <= 0 || reference.scored <= 0 || LabeledScores(reference) <= 0) {
    return AddMissing(values, kEstimates, "no_data", 0);
  }
  if (PositiveScores(reference) == 0 || PositiveScores(reference) == LabeledScores(reference)) {
    return AddMissing(values, kEstimates, "one_class", live.scored);
  }
  const std::vector<CalibratedBin> bins =
      CalibratedBinsOf(reference.histogram, live.histogram, live.histogram.m(), live.flagged);
  AddExpectations(values, live, bins);
  const ExpectedPerformance traffic = TrafficOf(reference);
  const auto decisions = FromDecisions(live, reference, traffic);
  const auto scores = FromScores(bins, traffic);
  AddPrevalence(values, decisions, reference.decided > 0 ? live.decided : 0);
  AddPrevalence(values, scores, live.scored);
  const double se = decisions && scores ? std::hypot(decisions->se, scores->se) : 0.0;
  values.push_back(se > 0 ? Number(std::fabs(decisions->value - scores->value) / se, live.scored)
                          : Missing("too_few", live.scored));
}

// Bins that stay as they are make windows comparable.
void AddCalibration(Values& values, const Aggregate& live, const Aggregate& reference) {
  const std::int64_t n = LabeledScores(live);
  const auto bins = FrozenBins::From(reference.histogram, reference.histogram.m());
  if (n <= 0 || !bins) return AddMissing(values, kCalibration, n > 0 ? "too_few" : "no_data", n);
  statistics::BinnedErrors errors =
      statistics::BinnedErrorsOf(LabeledBinsOf(live.histogram, *bins));
  values.push_back(errors.expected);
  values.push_back(errors.maximum);
  values.push_back(errors.average);
}

StatisticValue Judged(const Distance& distance, std::int64_t n) {
  StatisticValue value = Number(distance.value, n);
  value.noise_floor = distance.noise_floor;
  value.debiased = distance.excess();
  value.p = distance.p;
  return value;
}

void AddGroupDistances(Values& values, const Aggregate& live, const Aggregate& reference) {
  constexpr std::size_t kCount = 5;
  const auto groups =
      ScoreGroups::From(reference.histogram, reference.histogram.m(), DistanceGroups(live.scored));
  if (!groups) return AddMissing(values, kCount, "no_data", live.scored);
  const auto distances =
      CompareGroups(groups->CountsOf(reference.histogram), groups->CountsOf(live.histogram));
  // All scores of the reference are tied: there are no groups to compare.
  if (!distances) return AddMissing(values, kCount, "too_few", live.scored);
  values.push_back(Judged(distances->population_stability, live.scored));
  values.push_back(Judged(distances->jensen_shannon, live.scored));
  values.push_back(Judged(distances->hellinger_squared, live.scored));
  values.push_back(Judged(distances->kullback_leibler, live.scored));
  StatisticValue cross = Judged(distances->kullback_leibler, live.scored);
  *cross.value += distances->entropy;
  *cross.noise_floor += distances->entropy;
  *cross.debiased += distances->entropy;
  values.push_back(cross);
}

void AddOrderedDistances(Values& values, const Aggregate& live, const Aggregate& reference) {
  const auto distances = CompareScores(reference.histogram, live.histogram, live.histogram.m());
  if (!distances) return AddMissing(values, 3, "no_data", live.scored);
  values.push_back(Judged(distances->kolmogorov_smirnov, live.scored));
  values.push_back(Judged(distances->wasserstein, live.scored));
  if (!distances->StandardizedWasserstein()) {
    return values.push_back(Missing("too_few", live.scored));
  }
  StatisticValue standardised = values.back();
  *standardised.value /= distances->reference_sd;
  *standardised.noise_floor /= distances->reference_sd;
  *standardised.debiased /= distances->reference_sd;
  values.push_back(standardised);
}

}  // namespace

std::span<const ReferenceStatistic> ReferenceStatistics() { return kTable; }

std::vector<StatisticValue> AgainstReference(const Aggregate& live, const Aggregate& reference) {
  Values values;
  values.reserve(kTable.size());
  AddEstimates(values, live, reference);
  AddCalibration(values, live, reference);
  if (live.scored <= 0 || reference.scored <= 0) {
    AddMissing(values, kDistances, "no_data", 0);
  } else if (std::min(live.scored, reference.scored) < kFewestScoresForDistance) {
    AddMissing(values, kDistances, "too_few", live.scored);
  } else {
    AddGroupDistances(values, live, reference);
    AddOrderedDistances(values, live, reference);
  }
  return values;
}

}  // namespace guardwatch
