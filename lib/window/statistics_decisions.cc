#include "stats/confusion.h"
#include "stats/proportion.h"
#include "window/statistics_compute.h"

// What was decided, and what labels say of it.

namespace guardwatch::statistics {
namespace {

ClassCounts Counts(const Aggregate& a) {
  return {a.true_positive, a.false_positive, a.true_negative, a.false_negative};
}

// A summary of all four counts that is not there where labels or decisions are of one kind only.
StatisticValue OfBothKinds(std::optional<double> value, const ClassCounts& counts) {
  if (value) return Number(*value, counts.n());
  return Missing(counts.n() == 0 ? "no_data" : "one_class", counts.n());
}

}  // namespace

StatisticValue Missing(std::string_view reason, std::int64_t n) {
  StatisticValue missing;
  missing.n = n;
  missing.reason = reason;
  return missing;
}

StatisticValue Number(double value, std::int64_t n) {
  StatisticValue number;
  number.value = value;
  number.n = n;
  return number;
}

void AddInterval(StatisticValue& value, double sd) {
  value.low = std::max(0.0, *value.value - kZ95 * sd);
  value.high = std::min(1.0, *value.value + kZ95 * sd);
}

StatisticValue Rate(std::int64_t successes, std::int64_t trials) {
  const auto interval = WilsonInterval(successes, trials);
  if (!interval) return Missing("no_data");
  StatisticValue rate = Number(double(successes) / double(trials), trials);
  rate.low = interval->low;
  rate.high = interval->high;
  return rate;
}

StatisticValue BandShare(const Aggregate& a) { return Rate(a.in_band, a.with_threshold); }
StatisticValue FailRate(const Aggregate& a) { return Rate(a.flagged, a.decided); }
StatisticValue ErrorRate(const Aggregate& a) { return Rate(a.errors, a.decided + a.errors); }
StatisticValue Coverage(const Aggregate& a) { return Rate(a.labeled, a.sampled); }
StatisticValue Prevalence(const Aggregate& a) { return Rate(a.positive, a.labeled); }

StatisticValue MeanScore(const Aggregate& a) {
  if (a.scored == 0) return Missing("no_data");
  return Number(double(a.score_q) / double{kScoreOne} / double(a.scored), a.scored);
}

StatisticValue Precision(const Aggregate& a) { return Rate(a.true_positive, Counts(a).flagged()); }
StatisticValue Recall(const Aggregate& a) { return Rate(a.true_positive, Counts(a).positives()); }
StatisticValue FalsePositiveRate(const Aggregate& a) {
  return Rate(a.false_positive, Counts(a).negatives());
}
StatisticValue Specificity(const Aggregate& a) {
  return Rate(a.true_negative, Counts(a).negatives());
}
StatisticValue Accuracy(const Aggregate& a) {
  return Rate(a.true_positive + a.true_negative, Counts(a).n());
}

StatisticValue F1(const Aggregate& a) {
  const std::int64_t wrong = a.false_positive + a.false_negative;
  const std::int64_t n = 2 * a.true_positive + wrong;
  if (n == 0) return Missing("no_data");
  return Number(2.0 * double(a.true_positive) / double(n), a.true_positive + wrong);
}

StatisticValue BalancedAccuracy(const Aggregate& a) {
  return OfBothKinds(Counts(a).BalancedAccuracy(), Counts(a));
}
StatisticValue MatthewsCorrelation(const Aggregate& a) {
  return OfBothKinds(Counts(a).MatthewsCorrelation(), Counts(a));
}
StatisticValue CohenKappa(const Aggregate& a) {
  return OfBothKinds(Counts(a).CohenKappa(), Counts(a));
}

}  // namespace guardwatch::statistics
