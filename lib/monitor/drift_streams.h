#pragma once

#include <span>
#include <string>
#include <string_view>

#include "detect/e_factors.h"
#include "detect/rate_alternatives.h"
#include "window/aggregate.h"

namespace guardwatch {

// One rate that is watched for drift: successes among trials, both exact counts of a pane. A new
// stream is one row of the table.
struct DriftStream {
  std::string_view name;  // As the statistic of the same name, where there is one.
  std::string_view what;  // "the share of requests that are flagged".
  Direction direction = Direction::kBoth;
  bool label_based = false;  // Steps on matured panes.
  bool per_cohort = false;   // Cohorts are watched too.
  Count (*count)(const Aggregate&) = nullptr;
};

std::span<const DriftStream> DriftStreams();

// Streams that are no rate of the table: how scores spread over the reference's deciles, and
// whether positives are as frequent in each score bin as they were.
inline constexpr std::string_view kScoreDistribution = "score_distribution";
inline constexpr std::string_view kCalibration = "calibration";
inline constexpr int kScoreGroups = 10;

// Of one unit and version: what the budget is shared among.
std::int64_t DriftStatistics();

// What a stream measures, for people; also for the two above.
std::string_view DescribeStream(std::string_view name);

}  // namespace guardwatch
