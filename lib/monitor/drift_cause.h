#pragma once

#include <map>
#include <string>

#include "monitor/drift_watch.h"

// Why something may have drifted, in sentences.

namespace guardwatch {

using ActiveDrifts = std::map<std::string, ActiveDrift>;

// The change of version, policy or threshold that is nearest to the estimated time of the change,
// not later than the alarm; nullptr if none is near.
const EpochEvent* NearestEpoch(const SourceMonitor& source, const UnitKey& unit, Variant variant,
                               EventTime changed, EventTime raised);

// Why, and what to do about it, each as one sentence or two.
struct LikelyCause {
  std::string why;
  std::string advice;
};

// What the pattern of changes points to: what was rolled out at that time, or else traffic,
// classifier or policy by what moved and what did not.
LikelyCause CauseOf(const ActiveDrifts& active, const ActiveDrift& leading,
                    const EpochEvent* epoch);
// Of labels that stay away.
LikelyCause CauseOfOutage();

// What labels, once they were in, said about the whole; empty if nothing yet.
std::string LabelsSay(const ActiveDrifts& active, Duration quiet);

// "lang=de, lang=fr and 2 more".
std::string NamesOf(const ActiveDrift& drift);

}  // namespace guardwatch
