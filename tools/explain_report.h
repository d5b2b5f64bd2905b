#pragma once

#include <iosfwd>
#include <optional>
#include <vector>

#include "explain_alert.h"
#include "monitor/snapshot.h"

namespace guardwatch {

// What an alert told, and what came out of its input.
struct Explained {
  ToldFinding told;
  std::optional<DriftEvidence> replayed;

  // To the bit.
  bool same() const { return replayed && replayed->evidence == told.evidence; }
};

void WriteExplanation(const ToldAlert& alert, const std::vector<Explained>& explained, bool json,
                      std::ostream& out);

}  // namespace guardwatch
