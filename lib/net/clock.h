#pragma once

#include "base/time.h"

namespace guardwatch {

// The only places where a clock is read; everything below is told the time.
WallTime Now();
MonotonicTime MonotonicNow();

}  // namespace guardwatch
