#pragma once

#include <iosfwd>

#include "app/replay.h"

namespace guardwatch {

// What a configuration would have alerted of in the recording, as text or JSON: how often it would
// have paged, and each alert with what it would have said.
void WriteDryRun(const ReplayResult& result, bool json, std::ostream& out);

}  // namespace guardwatch
