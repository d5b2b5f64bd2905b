#pragma once

#include <span>

#include "window/statistics.h"

namespace guardwatch {

// Means over the classes of a class vector, each against all others; every class counts the same,
// however rare. `n` is the number of classes that count. Nullopt with `too_few` if none does.

// Of areas under the ROC curve, over classes with ten labels of either kind: with fewer an area is
// mostly chance.
StatisticValue MacroRocAuc(std::span<const Aggregate* const> classes);

// Of F1, over classes that were labelled or flagged at all. Opitz, Burst (2019), "Macro F1 and
// macro F1".
StatisticValue MacroF1(std::span<const Aggregate* const> classes);

}  // namespace guardwatch
