#pragma once

#include "base/time.h"

namespace guardwatch {

// Windows up to this length slide by the 10 s pane; longer ones by the coarse pane.
inline constexpr Duration kLongestFineWindow = std::chrono::hours(1);

// The grid by which long windows and matured views slide: the smallest of 10 s, 1 min, 10 min, 1 h
// and 1 d with (longest window + label horizon) / width <= 1024, so that no series keeps more than
// that many panes. 1 d if none is enough. Each width is a multiple of those before it.
Duration CoarsePaneWidth(Duration longest_window, Duration label_horizon);

}  // namespace guardwatch
