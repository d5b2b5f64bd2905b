#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "window/aggregate.h"

// The statistics that guardwatch derives from an aggregate, by name. One table serves the JSON, the
// metrics, user rules and the plots; adding a statistic is one row.

namespace guardwatch {

struct StatisticValue {
  std::optional<double> value;  // Nullopt: cannot be computed; `reason` says why.
  std::optional<double> low;  // 95 % interval, or bounds that hold for certain; docs/statistics.md.
  std::optional<double> high;
  std::optional<double> noise_floor;  // Expected value if nothing were wrong, where that is not 0.
  std::optional<double> debiased;     // Of a distance: less what chance adds; negative is noise.
  std::optional<double> p;            // Chance of at least `value` if nothing were wrong.
  std::int64_t n = 0;                 // Events the value rests on; of weighted ones, effective.
  std::string_view reason;            // no_data, one_class, too_few, overlap; else empty.
};

struct Statistic {
  std::string_view name;
  std::string_view help;     // One sentence with range and unit.
  bool label_based = false;  // Rests on labels: read on matured panes.
  StatisticValue (*compute)(const Aggregate&) = nullptr;
  bool headline = false;   // What whoever is on call acts on: a metric, and in lists of guardrails.
  bool expensive = false;  // Milliseconds: nothing for each scrape, each pane or each cohort.
  bool bounded = false;    // `low` and `high` bound the exact value for certain: no interval.
};

std::span<const Statistic> Statistics();
const Statistic* FindStatistic(std::string_view name);  // Nullptr if there is none.

}  // namespace guardwatch
