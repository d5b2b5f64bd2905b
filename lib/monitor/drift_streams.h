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
  std::string_view name;   // As the statistic of the same name, where there is one.
  std::string_view what;   // "the share of requests that are flagged".
  std::string_view whose;  // What it is the share of, short: "flagged requests".
  Direction direction = Direction::kBoth;
  bool label_based = false;  // Steps on matured panes.
  bool per_cohort = false;   // Cohorts are watched too.
  Count (*count)(const Aggregate&) = nullptr;
};

std::span<const DriftStream> DriftStreams();

// Streams that are no rate of the table: how scores spread over the reference's deciles, whether
// positives are as frequent in each score bin as they were, and what labels cost and rank.
inline constexpr std::string_view kScoreDistribution = "score_distribution";
inline constexpr std::string_view kCalibration = "calibration";
inline constexpr std::string_view kLogLoss = "log_loss";
inline constexpr std::string_view kBrier = "brier";
inline constexpr std::string_view kRocAuc = "roc_auc";
inline constexpr std::string_view kSpecialStreams[] = {kScoreDistribution, kCalibration, kLogLoss,
                                                       kBrier, kRocAuc};
inline constexpr std::string_view kFailRate = "fail_rate";
inline constexpr std::string_view kBandShare = "band_share";
inline constexpr std::string_view kUnlabeledShare = "unlabeled_share";
inline constexpr int kScoreGroups = 10;

// The row of the table; nullptr for the special ones and for what is none.
const DriftStream* FindRateStream(std::string_view name);
// The table's own name of a stream, rate or special; empty if there is none.
std::string_view StreamNamed(std::string_view name);
// Whether it says how good scores or decisions are, judged by labels.
bool IsQuality(std::string_view stream);

// Whether it steps on matured panes.
bool IsLabelBased(std::string_view stream);

// Of one unit and version: what the budget is shared among. With the test of the fail rate after a
// change of threshold or policy.
std::int64_t DriftStatistics();

// What a stream measures, for people; also for the special ones.
std::string_view DescribeStream(std::string_view name);
// The same in few words, to stand before a number: "flagged requests".
std::string_view NameStream(std::string_view name);

}  // namespace guardwatch
