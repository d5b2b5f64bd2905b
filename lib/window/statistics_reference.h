#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "window/statistics.h"

// What the scores of a window say when they are held against labelled scores from another time:
// what to expect of labels that are still missing, and how far the scores have moved.

namespace guardwatch {

struct ReferenceStatistic {
  std::string_view name;
  std::string_view help;
  // A distance between two samples, which must have nothing in common; the others only take rates
  // from the reference.
  bool distance = false;
};

std::span<const ReferenceStatistic> ReferenceStatistics();

// One value per row of ReferenceStatistics(). Both have their histograms on one grid. Reasons:
// `no_data` where either has no scores, the reference no labels, or nothing was decided;
// `one_class` where the reference has labels of one kind; `too_few` for a distance of fewer than 50
// scores on either side.
std::vector<StatisticValue> AgainstReference(const Aggregate& live, const Aggregate& reference);

}  // namespace guardwatch
