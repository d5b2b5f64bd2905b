#pragma once

#include "expose/self_metrics.h"
#include "monitor/snapshot.h"

namespace guardwatch {

// A snapshot with one of everything that can be shown: two units, two model versions, a candidate,
// a cohort dimension, both views, an alert in every state, findings, epochs, logs in several
// states, rejects, and names that need escaping.
Snapshot ExampleSnapshot();

// The process around it.
SelfMetrics ExampleSelf();

}  // namespace guardwatch
