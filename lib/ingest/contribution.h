#pragma once

#include <optional>

#include "ingest/accumulator.h"
#include "ingest/entries.h"

// What an outcome adds to the aggregates of its series. Each part is a function of the outcome
// alone, so a change of it is: take the part back (sign -1), change, add it again (sign +1).

namespace guardwatch {

// Final on arrival: the score itself, errors, latency.
void ContributeArrival(const Outcome& outcome, bool sampled, std::optional<double> latency_ms,
                       Accumulator& out);

// Decision, threshold and band.
void ContributeDecision(const Outcome& outcome, int sign, Accumulator& out);

// Label: counts, reliability, losses, and the confusion matrix where there is a decision as well;
// once more weighted, if the probability that it was asked for is known.
void ContributeLabel(const Outcome& outcome, int sign, Accumulator& out);

// The part that depends on both decision and label.
void ContributeConfusion(const Outcome& outcome, int sign, Accumulator& out);

// One verdict more, for counters.
void CountVerdict(const Outcome& outcome, Verdict verdict, Accumulator& out);

}  // namespace guardwatch
