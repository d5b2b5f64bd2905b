#pragma once

#include <map>
#include <string>

#include "monitor/drift_watch.h"

// What a drift alert says, in sentences that can be read aloud at 3 a.m. Names come from events;
// everything else is ours.

namespace guardwatch {

// "The share of ... has risen since ...", in one sentence.
std::string DriftSentence(const ActiveDrift& drift);

// Annotations: summary, description (what changed, since when, for whom, how sure, why it may be),
// evidence (the numbers), dashboard_url.
std::map<std::string, std::string> DriftAnnotations(
    const UnitKey& unit, Variant variant, const std::map<std::string, ActiveDrift>& active,
    const SourceMonitor& source, const MonitorOptions& options);

}  // namespace guardwatch
