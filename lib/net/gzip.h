#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace guardwatch {

// A gzip member at level 1: most of the gain for a fraction of the time.
Result<std::string> Gzip(std::string_view bytes);

}  // namespace guardwatch
