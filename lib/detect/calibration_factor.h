#pragma once

#include <array>
#include <span>

#include "detect/e_factors.h"

namespace guardwatch {

// What a score bin's rate of positives may be while the calibration counts as unchanged.
struct CalibrationLimits {
  double low = 0;
  double rate = 0.5;  // In (0, 1).
  double high = 1;
};

// The bin's reference rate; its interval is the Wilson interval at z = 3 united with a shift of the
// log-odds by 0.1 either way. A bin without reference labels excludes nothing.
CalibrationLimits MakeCalibrationLimits(Count reference);

// What may have happened to the log-odds of every bin: log-odds -> slope * log-odds + shift.
struct CalibrationChange {
  double shift = 0;
  double slope = 1;
};

// The rate in (0, 1) as `change` makes it.
double ChangedRate(double rate, CalibrationChange change);

inline constexpr std::array<CalibrationChange, 8> kCalibrationChanges{
    {{-1, 1}, {-.5, 1}, {-.25, 1}, {.25, 1}, {.5, 1}, {1, 1}, {0, .7}, {0, 1.4}}};

// Log e-factor of `change` for labelled counts per bin (s = positives), both spans in bin order. A
// bin whose changed rate stays inside its interval contributes nothing. Mean at most 1 as long as
// every bin's rate is inside its interval.
double LogCalibrationFactor(std::span<const CalibrationLimits> bins, std::span<const Count> counts,
                            CalibrationChange change);

}  // namespace guardwatch
