#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/score.h"
#include "detect/baseline_set.h"
#include "detect/budget.h"
#include "detect/known_change.h"
#include "detect/stream_watch.h"
#include "detect/two_sample.h"
#include "monitor/drift_streams.h"
#include "monitor/options.h"
#include "monitor/pane_store.h"
#include "monitor/quality_watch.h"
#include "monitor/stream_status.h"
#include "monitor/threshold_change.h"
#include "stats/score_groups.h"
#include "window/aggregate.h"
#include "window/pane.h"

namespace guardwatch {

// A new model version is held against the one before it; differences from the odds times this on
// count. Versions do differ a little.
inline constexpr double kLeastLiftOfVersions = 1.5;

// A pane in which threshold or policy changed; from what to what, if it was the threshold.
struct PolicyChange {
  std::optional<std::pair<Score, Score>> thresholds;
};

// Watches the whole traffic of one model version of a unit: learns what is normal for the
// configured time, then holds every sealed and matured pane against it, for ever against the same
// baseline. While a rate is learned it is held against that of the version before, if there is one.
class VersionWatch {
 public:
  // `given`: a baseline that was configured for this version, or nullptr.
  VersionWatch(const DriftOptions& options, Duration coarse, const BudgetShares& budget,
               const BaselineSet* given);

  // The budget is shared anew.
  void SetBudget(const BudgetShares& budget);

  // First seen in `pane`, after `predecessor` (empty: none).
  void Arrive(PaneIndex pane, std::string predecessor) {
    arrived_ = pane;
    predecessor_ = std::move(predecessor);
  }
  PaneIndex arrived() const { return arrived_; }
  const std::string& predecessor() const { return predecessor_; }
  // Whether a comparison with it still matters.
  bool Compares() const;

  // `before`: a pane of the predecessor to compare with, or nullptr. `change`: in this pane.
  std::vector<StreamAlarm> StepSealed(PaneIndex pane, const Aggregate& total,
                                      const Aggregate* before,
                                      const std::optional<PolicyChange>& change);
  // A matured coarse pane.
  std::vector<StreamAlarm> StepMatured(PaneIndex pane, const Aggregate& total,
                                       const Aggregate* before);

  std::vector<StreamStatus> Status() const;
  // Streams whose saved state was of other options and that therefore learn once more.
  std::vector<std::string_view> LearnedAnew() const;
  // Evidence over threshold, 1 at an alarm; 0 while learning.
  double Heat(std::string_view stream) const;
  double Spent() const;  // As that of DriftWatch.
  const QualityWatch& quality() const { return quality_; }
  // What counts as normal now, without the names; kept until another stream is armed.
  std::shared_ptr<const BaselineSet> Baselines(const SeriesKey& key) const;

  // The watch as it is, for durable state. Load wants a new one with the same options; what was
  // saved under other options is learned anew. False: the record cannot be understood.
  void Save(ByteWriter& out) const;
  bool Load(ByteReader& in);

  // The pane of the predecessor to compare `pane` with: that of the same time or, where there is
  // none, the latest from before this version arrived that was not compared yet; each is used once.
  // Nullptr if none is left from `oldest` on. `panes`: the predecessor's, coarse ones if `matured`.
  // `room`: as of PaneStore::Find.
  const Aggregate* Partner(const PaneStore& panes, PaneIndex pane, bool matured, EventTime oldest,
                           Aggregate& room);

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
  StreamStatus ScoreStatus() const;
  bool GroupsAreKnown() const;
  std::size_t Armed() const;  // Streams that have a baseline.

  BaselineOptions FineOptions(double share_of_time) const;
  BaselineOptions CoarseOptions() const;
  LearningPeriod GroupPeriod() const;
  Duration WidthOf(const DriftStream& stream) const {
    return stream.label_based ? coarse_ : kPaneWidth;
  }
  double ThresholdOf(const DriftStream& stream) const;
  double GroupThreshold(std::size_t groups) const;
  double KnownChangeThreshold() const;
  StreamAlarm Said(std::size_t stream, const DriftAlarm& alarm) const;
  EventTime InputFrom(EventTime learned_from, Duration width) const;
  void StepRates(bool label_based, PaneIndex pane, const Aggregate& total, const Aggregate* before,
                 std::vector<StreamAlarm>& out);
  void Compare(std::size_t stream, PaneIndex pane, Count now, Count before,
               std::vector<StreamAlarm>& out);
  void StepKnownChange(PaneIndex pane, const Aggregate& total,
                       const std::optional<PolicyChange>& change, std::vector<StreamAlarm>& out);
  void LearnGroups(PaneIndex pane, const Aggregate& total);
  StreamWatch NewGroupWatch(std::size_t groups) const;
  void StepGroups(PaneIndex pane, const Aggregate& total, std::vector<StreamAlarm>& out);
  std::string DescribeGroup(std::size_t group) const;

  DriftOptions options_;  // The period is that with which learning began.
  const Duration coarse_;
  BudgetShares budget_;
  std::vector<StreamWatch> watches_;  // As DriftStreams().
  PaneIndex arrived_ = 0;
  std::string predecessor_;
  std::vector<std::optional<TwoSampleDetector>> comparisons_;  // As watches_.
  std::optional<PaneIndex> next_fine_;  // Pane of the predecessor that was not compared yet.
  std::optional<PaneIndex> next_coarse_;
  KnownChange known_change_;
  ThresholdChange threshold_change_;
  std::optional<PaneIndex> first_pane_;  // With scores that groups are made from.
  bool groups_period_short_ = false;
  ScoreHistogram reference_;
  std::optional<ScoreGroups> groups_;
  std::vector<StreamWatch> group_watches_;
  QualityWatch quality_;
  std::set<std::string_view> anew_;  // What Load could not go on from.
  std::uint64_t given_ = 0;          // Which configured baseline it was armed with; 0: none.
  mutable std::shared_ptr<const BaselineSet> baselines_;
  mutable std::vector<Reach> reaches_;        // As watches_.
  mutable std::vector<Reach> group_reaches_;  // As group_watches_.
};

}  // namespace guardwatch
