#pragma once

#include <optional>

#include "ingest/accumulator.h"
#include "ingest/entries.h"

// What an outcome adds to the aggregates of its series: to the cell of its shape and pane. Each
// part is a function of the outcome alone, so a change of it is: take the part back (sign -1),
// change, add it again (sign +1).

namespace guardwatch {

// Final on arrival: the score itself, errors, latency.
void ContributeArrival(const Outcome& outcome, bool sampled, std::optional<double> latency_ms,
                       EventCell& cell);

// Decision, threshold and band.
void ContributeDecision(const Outcome& outcome, int sign, EventCell& cell);

// Label: counts, reliability, losses, and the confusion matrix where there is a decision as well;
// once more weighted, if the probability that it was asked for is known. There must be one.
void ContributeLabel(const Outcome& outcome, int sign, EventCell& cell);

// The part that depends on both decision and label.
void ContributeConfusion(const Outcome& outcome, int sign, EventCell& cell);

}  // namespace guardwatch
