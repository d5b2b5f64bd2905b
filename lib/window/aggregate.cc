#include "window/aggregate.h"

#include <algorithm>

namespace guardwatch {
namespace {

// The one list of an aggregate's plain numbers, for every operation that treats them alike.
constexpr std::int64_t Aggregate::*kCounts[] = {
    &Aggregate::scored,         &Aggregate::decided,        &Aggregate::flagged,
    &Aggregate::with_threshold, &Aggregate::in_band,        &Aggregate::errors,
    &Aggregate::undecided,      &Aggregate::saturated,      &Aggregate::invalid_scores,
    &Aggregate::sampled,        &Aggregate::labeled,        &Aggregate::positive,
    &Aggregate::true_positive,  &Aggregate::false_positive, &Aggregate::true_negative,
    &Aggregate::false_negative};
constexpr Int128 Aggregate::*kSums[] = {&Aggregate::score_q, &Aggregate::score_q_squared,
                                        &Aggregate::loss, &Aggregate::labeled_score_q_squared,
                                        &Aggregate::positive_score_q};

}  // namespace

Aggregate& Aggregate::operator+=(const Aggregate& other) {
  for (const auto count : kCounts) this->*count += other.*count;
  for (const auto sum : kSums) this->*sum += other.*sum;
  reliability += other.reliability;
  histogram += other.histogram;
  weighted += other.weighted;
  latency += other.latency;
  return *this;
}

Aggregate& Aggregate::operator-=(const Aggregate& other) {
  for (const auto count : kCounts) this->*count -= other.*count;
  for (const auto sum : kSums) this->*sum -= other.*sum;
  reliability -= other.reliability;
  histogram -= other.histogram;
  weighted -= other.weighted;
  latency -= other.latency;
  return *this;
}

bool Aggregate::empty() const {
  return std::all_of(std::begin(kCounts), std::end(kCounts),
                     [&](const auto count) { return this->*count == 0; }) &&
         std::all_of(std::begin(kSums), std::end(kSums),
                     [&](const auto sum) { return this->*sum == 0; }) &&
         reliability.empty() && histogram.empty() && weighted.empty() && latency.empty();
}

void Aggregate::Clear() {
  for (const auto count : kCounts) this->*count = 0;
  for (const auto sum : kSums) this->*sum = 0;
  reliability.Clear();
  histogram.Clear();
  weighted.Clear();
  latency.Clear();
}

}  // namespace guardwatch
