#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/score.h"
#include "detect/known_change.h"
#include "window/aggregate.h"

namespace guardwatch {

// What a change of the threshold changes, on the very requests that came since: how many of those
// that are flagged under the lower of both thresholds lie between the two, and are decided
// otherwise now. Traffic cancels out, so it takes no reference and finds less than a comparison
// with the time before. At most one alarm per change, and one change a day.
class ThresholdChange {
 public:
  // Decisions on so large a share of the flagged may change without harm.
  static constexpr double kTolerance = 0.09;

  explicit ThresholdChange(double threshold) : test_(threshold) {}

  // Both scores in [0, 1]. Nothing happens if the last one was less than a day ago.
  void Start(PaneIndex pane, Score before, Score after, double tempering);
  // A sealed pane from the change on.
  std::optional<DriftAlarm> Step(PaneIndex pane, const Aggregate& total, double tempering);

  // The share of all requests since the change that would be flagged as before. 0 without any.
  double RateBefore() const { return scored_ == 0 ? 0 : double(flagged_before_) / double(scored_); }

  void SetThreshold(double threshold) { test_.SetThreshold(threshold); }
  double threshold() const { return test_.threshold(); }
  double evidence() const { return test_.evidence(); }

  void Save(ByteWriter& out) const;
  bool Load(ByteReader& in);

 private:
  KnownChange test_;
  Score before_{};
  Score after_{};
  std::int64_t scored_ = 0;
  std::int64_t flagged_before_ = 0;
};

}  // namespace guardwatch
