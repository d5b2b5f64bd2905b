#pragma once

#include "window/aggregate.h"

namespace guardwatch {

// The one list of an aggregate's plain numbers, for every operation that treats them alike. Records
// of durable state have this order: what is new goes to the end, with a new version of the format.
inline constexpr std::int64_t Aggregate::*kAggregateCounts[] = {
    &Aggregate::scored,         &Aggregate::decided,        &Aggregate::flagged,
    &Aggregate::with_threshold, &Aggregate::in_band,        &Aggregate::errors,
    &Aggregate::undecided,      &Aggregate::saturated,      &Aggregate::invalid_scores,
    &Aggregate::sampled,        &Aggregate::labeled,        &Aggregate::positive,
    &Aggregate::true_positive,  &Aggregate::false_positive, &Aggregate::true_negative,
    &Aggregate::false_negative};
inline constexpr Int128 Aggregate::*kAggregateSums[] = {
    &Aggregate::score_q, &Aggregate::score_q_squared, &Aggregate::loss,
    &Aggregate::labeled_score_q_squared, &Aggregate::positive_score_q};

}  // namespace guardwatch
