#pragma once

#include <map>
#include <string>
#include <vector>

#include "monitor/drift_watch.h"

// What a drift alert says, in sentences that can be read aloud at 3 a.m. Names come from events;
// everything else is ours.

namespace guardwatch {

// "The share of ... has risen since ...", in one sentence.
std::string DriftSentence(const ActiveDrift& drift);

// Annotations: summary, description (what changed, since when, for whom, how sure, why it may be,
// what to do), evidence (how seldom chance does this, and by which input), since, dashboard_url.
std::map<std::string, std::string> DriftAnnotations(
    const UnitKey& unit, Variant variant, const std::map<std::string, ActiveDrift>& active,
    const SourceMonitor& source, const MonitorOptions& options);

// A unit whose requests get fewer labels.
struct MissingLabels {
  UnitKey unit;
  Variant variant = Variant::kLive;
  const ActiveDrift* drift = nullptr;
};
// The same annotations, of at least one.
std::map<std::string, std::string> OutageAnnotations(const std::vector<MissingLabels>& missing,
                                                     const SourceMonitor& source,
                                                     const MonitorOptions& options);

}  // namespace guardwatch
