#pragma once

#include <optional>

#include "ingest/accumulator.h"
#include "ingest/entries.h"

// What an entry adds to the aggregates of its series. Each part is a function of the entry alone,
// so a change of the entry is: take the part back (sign -1), change, add it again (sign +1).

namespace guardwatch {

// Final on arrival: the score itself, errors, latency.
void ContributeArrival(const ScoreEntry& entry, bool sampled, std::optional<double> latency_ms,
                       Accumulator& out);

// Decision, threshold and band. `band` is the half width around the threshold.
void ContributeDecision(const ScoreEntry& entry, double band, int sign, Accumulator& out);

// Label: counts, reliability, losses, and the confusion matrix where there is a decision as well.
void ContributeLabel(const ScoreEntry& entry, int sign, Accumulator& out);

// The part that depends on both decision and label.
void ContributeConfusion(const ScoreEntry& entry, int sign, Accumulator& out);

}  // namespace guardwatch
