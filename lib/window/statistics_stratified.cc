#include "window/statistics_stratified.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "stats/label_free.h"
#include "stats/review.h"
#include "window/statistics_compute.h"

namespace guardwatch {
namespace {

using statistics::AddInterval;
using statistics::LabeledScores;
using statistics::Missing;
using statistics::Number;

// The strata of some traffic, and its decisions in each.
struct Stratified {
  std::vector<ReviewStratum> strata;
  std::vector<CalibratedBin> decisions;
  std::int64_t labeled = 0;
  std::int64_t decided = 0;

  void Add(const Aggregate& a) {
    const std::vector<ReviewStratum> added = MergeSparseStrata(ReviewStrataOf(a.histogram));
    std::int64_t flagged = a.flagged;
    std::vector<CalibratedBin> bins(added.size());
    for (std::size_t i = added.size(); i-- > 0;) {
      const std::int64_t here = std::clamp(flagged, std::int64_t{0}, added[i].scored);
      // Not smoothed: strata are many and small, and what each would be pulled by adds up.
      const double rate =
          added[i].labeled > 0 ? double(added[i].positive) / double(added[i].labeled) : 0;
      bins[i] = {rate, added[i].labeled, here, added[i].scored - here};
      flagged -= here;
      labeled += added[i].labeled;
    }
    strata.insert(strata.end(), added.begin(), added.end());
    decisions.insert(decisions.end(), bins.begin(), bins.end());
    decided += a.decided;
  }
};

Stratified StratifiedOf(const Aggregate& a) {
  Stratified stratified;
  stratified.Add(a);
  return stratified;
}

StatisticValue PrevalenceOf(const Stratified& s) {
  const auto rate = PostStratify(s.strata);
  if (!rate) return Missing("no_data");
  StatisticValue value = Number(rate->rate, s.labeled);
  if (rate->se) AddInterval(value, *rate->se);
  return value;
}

std::optional<ExpectedPerformance> PerformanceOf(const Stratified& s) {
  if (s.labeled <= 0 || s.decided <= 0) return std::nullopt;
  return ExpectPerformance(s.decisions);
}

StatisticValue Of(const Stratified& s, std::optional<ExpectedValue> ExpectedPerformance::*part) {
  const auto performance = PerformanceOf(s);
  if (!performance || !((*performance).*part)) return Missing("no_data");
  const ExpectedValue expected = *((*performance).*part);
  StatisticValue value = Number(expected.value, s.labeled);
  AddInterval(value, expected.sd);
  return value;
}

}  // namespace

StratifiedStatistics StratifyByCohort(std::span<const Aggregate* const> cohorts) {
  const auto few = [](const Aggregate& a) { return LabeledScores(a) < kFewestLabelsPerStratum; };
  Stratified all;
  Aggregate rest;
  const Aggregate* last = nullptr;  // Of those with labels enough.
  for (const Aggregate* cohort : cohorts) {
    if (few(*cohort)) {
      rest += *cohort;
      continue;
    }
    if (last != nullptr) all.Add(*last);
    last = cohort;
  }
  if (last != nullptr && few(rest)) {
    rest += *last;
  } else if (last != nullptr) {
    all.Add(*last);
  }
  all.Add(rest);
  return {PrevalenceOf(all), Of(all, &ExpectedPerformance::precision),
          Of(all, &ExpectedPerformance::recall), Of(all, &ExpectedPerformance::f1)};
}

namespace statistics {

StatisticValue StratifiedPrevalence(const Aggregate& a) { return PrevalenceOf(StratifiedOf(a)); }

StatisticValue StratifiedPrecision(const Aggregate& a) {
  return Of(StratifiedOf(a), &ExpectedPerformance::precision);
}

StatisticValue StratifiedRecall(const Aggregate& a) {
  return Of(StratifiedOf(a), &ExpectedPerformance::recall);
}

StatisticValue StratifiedF1(const Aggregate& a) {
  return Of(StratifiedOf(a), &ExpectedPerformance::f1);
}

StatisticValue StratifiedRocAuc(const Aggregate& a) {
  if (PositiveScores(a) == 0 || PositiveScores(a) == LabeledScores(a)) return OneClass(a);
  const Stratified s = StratifiedOf(a);
  if (s.strata.size() < 2) return Missing("too_few", s.labeled);  // All scores would be tied.
  const auto performance = ExpectPerformance(s.decisions);
  if (!performance || !performance->roc_auc) return Missing("no_data");
  StatisticValue value = Number(*performance->roc_auc, s.labeled);
  if (performance->roc_auc_sd) AddInterval(value, *performance->roc_auc_sd);
  return value;
}

StatisticValue StratifiedCalibrationGap(const Aggregate& a) {
  const StatisticValue prevalence = StratifiedPrevalence(a);
  if (!prevalence.value || a.scored <= 0) return Missing("no_data");
  const double mean = double(a.score_q) / double{kScoreOne} / double(a.scored);
  StatisticValue value = Number(mean - *prevalence.value, prevalence.n);
  if (prevalence.low) {
    value.low = mean - *prevalence.high;
    value.high = mean - *prevalence.low;
  }
  return value;
}

}  // namespace statistics
}  // namespace guardwatch
