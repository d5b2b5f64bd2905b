#pragma once

#include <string>

#include "window/series.h"

namespace guardwatch {

// Where the status page shows a unit; empty without an external URL.
std::string StatusLink(const std::string& external_url, const UnitKey& unit);

}  // namespace guardwatch
