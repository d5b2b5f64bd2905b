#include "window/aggregate.h"

namespace guardwatch {
namespace {

// The one list of an aggregate's plain numbers, for every operation that treats them alike.
template <class A, class Visit>
void ForEachNumber(A& a, Visit&& visit) {
  for (auto* number :
       {&a.scored, &a.decided, &a.flagged, &a.with_threshold, &a.in_band, &a.errors, &a.undecided,
        &a.saturated, &a.invalid_scores, &a.sampled, &a.labeled, &a.positive, &a.true_positive,
        &a.false_positive, &a.true_negative, &a.false_negative}) {
    visit(*number);
  }
  for (auto* sum :
       {&a.score_q, &a.score_q_squared, &a.loss, &a.labeled_score_q_squared, &a.positive_score_q}) {
    visit(*sum);
  }
}

}  // namespace

Aggregate& Aggregate::operator+=(const Aggregate& b) {
  scored += b.scored;
  decided += b.decided;
  flagged += b.flagged;
  with_threshold += b.with_threshold;
  in_band += b.in_band;
  errors += b.errors;
  undecided += b.undecided;
  saturated += b.saturated;
  invalid_scores += b.invalid_scores;
  sampled += b.sampled;
  score_q += b.score_q;
  score_q_squared += b.score_q_squared;
  labeled += b.labeled;
  positive += b.positive;
  true_positive += b.true_positive;
  false_positive += b.false_positive;
  true_negative += b.true_negative;
  false_negative += b.false_negative;
  loss += b.loss;
  labeled_score_q_squared += b.labeled_score_q_squared;
  positive_score_q += b.positive_score_q;
  reliability += b.reliability;
  histogram += b.histogram;
  latency += b.latency;
  return *this;
}

Aggregate& Aggregate::operator-=(const Aggregate& b) {
  scored -= b.scored;
  decided -= b.decided;
  flagged -= b.flagged;
  with_threshold -= b.with_threshold;
  in_band -= b.in_band;
  errors -= b.errors;
  undecided -= b.undecided;
  saturated -= b.saturated;
  invalid_scores -= b.invalid_scores;
  sampled -= b.sampled;
  score_q -= b.score_q;
  score_q_squared -= b.score_q_squared;
  labeled -= b.labeled;
  positive -= b.positive;
  true_positive -= b.true_positive;
  false_positive -= b.false_positive;
  true_negative -= b.true_negative;
  false_negative -= b.false_negative;
  loss -= b.loss;
  labeled_score_q_squared -= b.labeled_score_q_squared;
  positive_score_q -= b.positive_score_q;
  reliability -= b.reliability;
  histogram -= b.histogram;
  latency -= b.latency;
  return *this;
}

bool Aggregate::empty() const {
  bool zero = true;
  ForEachNumber(*this, [&](const auto& number) { zero = zero && number == 0; });
  return zero && reliability.empty() && histogram.empty() && latency.empty();
}

void Aggregate::Clear() {
  ForEachNumber(*this, [](auto& number) { number = 0; });
  reliability.Clear();
  histogram.Clear();
  latency.Clear();
}

}  // namespace guardwatch
