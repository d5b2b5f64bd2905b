#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "detect/baseline.h"
#include "detect/rate_alternatives.h"
#include "detect/step_pool.h"
#include "detect/stream_detector.h"

namespace guardwatch {

// Whether a rate is another one since a moment that is known: the threshold or the policy was
// changed then. Because nothing has to be searched, neither the time nor what counts as harm, it
// takes less evidence than StreamDetector and finds smaller changes: against the limits of the
// reference itself, widened only by the slow fluctuation that the rate shows anyway.
//
// An e-process: a false alarm after one change has a probability of at most 1/A, whatever one looks
// at in between (Ville). Starts less than a day after the last one are passed over, so there are at
// most 30 in 30 days, and the threshold of a detector that steps once a day keeps the budget.
class KnownChange {
 public:
  static constexpr Duration kBetweenStarts = std::chrono::hours(24);
  // What shows later than this is hardly the change's doing, and drift for StreamDetector to find.
  static constexpr Duration kLasts = std::chrono::hours(24 * 7);

  explicit KnownChange(double threshold) : threshold_(AlarmThreshold::Of(threshold)) {}

  // The change is in `pane`, the first of those to be stepped. False: too soon after the last.
  bool Start(PaneIndex pane, const Baseline& baseline);
  // A sealed pane from the change on. At most one alarm per change, within kLasts.
  std::optional<DriftAlarm> Step(PaneIndex pane, Count count, const Baseline& baseline);

  // The same for any rate and what counts as no change of it, the same at every step.
  bool Start(PaneIndex pane, const RateAlternatives& alternatives);
  std::optional<DriftAlarm> Step(PaneIndex pane, Count count, const RateAlternatives& alternatives);

  void SetThreshold(double threshold) { threshold_.Set(threshold); }
  double threshold() const { return threshold_.now; }
  double evidence() const;  // The mean over alternatives; 0 while nothing is tested.

  void Save(ByteWriter& out) const;
  bool Load(ByteReader& in);  // False if the record is damaged.

 private:
  static RateAlternatives Alternatives(const Baseline& baseline, PaneIndex pane);

  AlarmThreshold threshold_;
  std::optional<PaneIndex> start_;  // Of the last change.
  bool testing_ = false;
  int components_ = 0;
  std::array<double, 2 * kLifts.size()> log_{};  // Of the likelihood ratio by each alternative.
  StepPool pool_;
};

}  // namespace guardwatch
