#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "detect/baseline_set.h"
#include "detect/budget.h"
#include "detect/calibration_watch.h"
#include "detect/mean_watch.h"
#include "monitor/options.h"
#include "monitor/stream_status.h"
#include "window/aggregate.h"

namespace guardwatch {

// What labels say about the scores of one model version that is no rate of events: calibration, log
// loss, Brier score and AUC. Steps on matured coarse panes.
//
// Losses are those of the score's bin on the fine grid, so that a pane's histogram tells them all.
// The AUC is watched by placements: of positives among the negatives of the first half of the
// learning time, and of negatives among its positives; a change that hides from both shows in how
// positives and negatives of one pane rank among each other.
class QualityWatch {
 public:
  QualityWatch(const DriftOptions& options, const BaselineOptions& learning,
               const BudgetShares& budget);

  void SetBudget(const BudgetShares& budget);
  void Arm(const BaselineSet& given);  // Those that it holds. Only before the first step.
  void Step(PaneIndex pane, const Aggregate& total, std::vector<StreamAlarm>& out);

  // Whether a change of the calibration that matters would have been seen in these labels.
  bool WouldHaveSeen(const BinCounts& counts) const { return calibration_.WouldHaveSeen(counts); }
  static BinCounts BinsOf(const Aggregate& total);

  void AppendStatus(std::vector<StreamStatus>& out) const;
  // As that of VersionWatch; nullopt for a stream that is none of these.
  std::optional<double> Heat(std::string_view stream) const;
  double Spent() const;  // As that of DriftWatch.
  void AddBaselines(BaselineSet& out) const;
  std::size_t Armed() const;  // How many of them there are.

  void Save(ByteWriter& out) const;
  bool Load(ByteReader& in);

 private:
  static constexpr std::size_t kRanks = 3;  // Of positives, of negatives, of pairs in one pane.

  double Threshold(double parts = 1) const;
  void StepMean(PaneIndex pane, std::string_view stream, MeanWatch& watch,
                const std::vector<WeightedValue>& values, std::vector<StreamAlarm>& out) const;
  void StepRanks(PaneIndex pane, const ScoreHistogram& labeled, std::vector<StreamAlarm>& out);
  void LearnRanks(PaneIndex pane, const ScoreHistogram& labeled);
  bool RanksHaveBaselines() const;
  StreamStatus StatusOf(std::string_view stream, const MeanWatch& watch) const;

  DriftOptions options_;
  BaselineOptions learning_;
  BudgetShares budget_;
  CalibrationWatch calibration_;
  MeanWatch log_loss_;
  MeanWatch brier_;
  ScoreHistogram rank_reference_;  // Labels of the first half of the learning time.
  std::optional<PaneIndex> first_pane_;
  bool ranks_are_known_ = false;  // What others are ranked among, that is.
  bool ranks_period_short_ = false;
  std::array<MeanWatch, kRanks> ranks_;
};

}  // namespace guardwatch
