#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "detect/baseline.h"
#include "detect/calibration_watch.h"
#include "detect/mean_baseline.h"
#include "stats/score_groups.h"
#include "window/series.h"

namespace guardwatch {

// Everything that counts as normal for one model version of a unit, to be kept in a file and taken
// from it. What is absent is learned.
struct BaselineSet {
  UnitKey unit;
  Variant variant = Variant::kLive;
  std::string model_version;
  Duration coarse{};                      // Width of the panes of statistics on labels.
  std::map<std::string, Baseline> rates;  // By stream.
  std::optional<ScoreGroups> groups;      // Scores of about equal shares,
  std::vector<Baseline> group_shares;     // one per group.
  std::optional<CalibrationBaseline> calibration;
  std::optional<MeanBaseline> log_loss;
  std::optional<MeanBaseline> brier;
  // Of the AUC: labelled scores of each class that others are ranked among, and three means: of
  // placements of positives, of negatives, and of pairs within a pane.
  ScoreHistogram rank_reference;
  std::optional<std::array<MeanBaseline, 3>> ranks;

  // Of all numbers, never 0: whether two are the same.
  std::uint64_t Digest() const;
  // How many streams have one.
  std::size_t Streams() const {
    return rates.size() + (group_shares.empty() ? 0u : 1u) + (calibration ? 1u : 0u) +
           (log_loss ? 1u : 0u) + (brier ? 1u : 0u) + (ranks ? 1u : 0u);
  }
  bool empty() const { return Streams() == 0; }
};

}  // namespace guardwatch
