#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "detect/budget.h"
#include "detect/calibration_factor.h"
#include "detect/factor_detector.h"
#include "detect/stream_watch.h"
#include "monitor/drift_streams.h"
#include "monitor/options.h"
#include "stats/score_groups.h"
#include "window/aggregate.h"
#include "window/pane.h"

namespace guardwatch {

// One alarm of one stream of a version.
struct StreamAlarm {
  std::string_view stream;
  DriftAlarm alarm;
  Duration pane_width{};  // Of the panes that the alarm counts in.
  double usual = 0;       // Rate of the baseline; 0 for the calibration.
  std::string detail;     // Which score ranges, for the distribution and the calibration.
};

// What a stream is doing, for readers.
struct StreamStatus {
  std::string_view stream;
  WatchState state = WatchState::kLearning;
  std::string missing;  // While learning: what is still needed.
  double usual = 0;
  NullInterval unchanged;
  std::int64_t reference_events = 0;
  double dispersion = 1;
  double tolerance = 0;
  double evidence = 0;
  double threshold = 0;
  std::optional<double> detectable_rise;  // Smallest factor seen within a day.
  std::optional<double> detectable_fall;
};

// Watches the whole traffic of one model version of a unit: learns what is normal for the
// configured time, then holds every sealed and matured pane against it, for ever against the same
// baseline.
class VersionWatch {
 public:
  VersionWatch(const DriftOptions& options, Duration coarse, const BudgetShares& budget);

  // The budget is shared anew.
  void SetBudget(const BudgetShares& budget);

  std::vector<StreamAlarm> StepSealed(PaneIndex pane, const Aggregate& total);
  // A matured coarse pane.
  std::vector<StreamAlarm> StepMatured(PaneIndex pane, const Aggregate& total);

  std::vector<StreamStatus> Status() const;
  // Evidence over threshold, 1 at an alarm; 0 while learning.
  double Heat(std::string_view stream) const;

  // The watch as it is, for durable state. Load wants a new one with the same options; what was
  // saved under other options is learned anew. False: the record cannot be understood.
  void Save(ByteWriter& out) const;
  bool Load(ByteReader& in);

  // Scores of the baseline's first part, and groups of them; nullopt while they are learned.
  const std::optional<ScoreGroups>& groups() const { return groups_; }
  const ScoreHistogram& reference_scores() const { return reference_; }
  std::optional<PaneIndex> first_pane() const { return first_pane_; }

 private:
  // What a detector can see at all. Takes a search for each direction, so it is kept until the
  // threshold moves.
  struct Reach {
    double threshold = 0;
    WatchState state = WatchState::kLearning;
    std::optional<double> rise;
    std::optional<double> fall;
  };
  StreamStatus StatusOf(std::string_view name, const StreamWatch& watch, Reach& reach) const;

  struct Calibration {
    std::array<Count, kReliabilityBins> reference{};
    std::int64_t panes = 0;
    std::vector<CalibrationLimits> limits;  // Empty while learning.
    std::optional<FactorDetector> detector;
  };

  BaselineOptions FineOptions(double share_of_time) const;
  BaselineOptions CoarseOptions() const;
  double ThresholdOf(bool label_based) const;
  void LearnGroups(PaneIndex pane, const Aggregate& total);
  StreamWatch NewGroupWatch(std::size_t groups) const;
  void StepGroups(PaneIndex pane, const Aggregate& total, std::vector<StreamAlarm>& out);
  void ArmCalibration();
  void StepCalibration(PaneIndex pane, const Aggregate& total, std::vector<StreamAlarm>& out);
  std::string DescribeGroup(std::size_t group) const;

  const DriftOptions options_;
  const Duration coarse_;
  BudgetShares budget_;
  std::vector<StreamWatch> watches_;  // As DriftStreams().
  std::optional<PaneIndex> first_pane_;
  ScoreHistogram reference_;
  std::optional<ScoreGroups> groups_;
  std::vector<StreamWatch> group_watches_;
  mutable std::vector<Reach> reaches_;        // As watches_.
  mutable std::vector<Reach> group_reaches_;  // As group_watches_.
  Calibration calibration_;
};

}  // namespace guardwatch
