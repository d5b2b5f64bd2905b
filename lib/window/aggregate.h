#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/int128.h"
#include "stats/latency_histogram.h"
#include "stats/reliability.h"
#include "stats/score_histogram.h"
#include "window/aggregate_classes.h"
#include "window/aggregate_weights.h"

namespace guardwatch {

// Everything guardwatch counts about one series over some stretch of event time: a pane, a window,
// or the change that one flush of ingest makes to a pane. All integers, so `+=` is exact, `-=`
// undoes it, and order cannot matter. In a change any number may be negative.
struct Aggregate {
  // Label-free: final once the pane is sealed.
  std::int64_t scored = 0;
  std::int64_t decided = 0;         // Scored (or decision-only) events with a verdict, not `error`.
  std::int64_t flagged = 0;         // Of the decided.
  std::int64_t with_threshold = 0;  // Scored events with a threshold, not errors.
  std::int64_t in_band = 0;         // Of those with a threshold: q(t - b) <= q <= q(t + b).
  std::int64_t errors = 0;          // Verdict `error`: the guardrail failed (open).
  std::int64_t undecided = 0;       // Scores that wait for a decision event.
  std::int64_t saturated = 0;       // q = 0 or q = 2^30.
  std::int64_t invalid_scores = 0;  // Scores outside [0, 1]; not in `scored`.
  std::int64_t sampled = 0;         // Events that labels may join: the denominator of coverage.
  Int128 score_q = 0;               // Sum of q over scored events.
  Int128 score_q_squared = 0;

  // Label-based: provisional until the pane is matured.
  std::int64_t labeled = 0;
  std::int64_t positive = 0;       // Of the labelled.
  std::int64_t true_positive = 0;  // Labelled and decided.
  std::int64_t false_positive = 0;
  std::int64_t true_negative = 0;
  std::int64_t false_negative = 0;
  Int128 loss = 0;                     // Sum of log loss over labelled scores, 2^-24 nats.
  Int128 labeled_score_q_squared = 0;  // With positive_score_q: the Brier score, exactly.
  Int128 positive_score_q = 0;         // Sum of q over positives.

  ReliabilityBins reliability;  // Labelled scores in 15 equal-width bins.
  ScoreHistogram histogram;     // Every score, and labelled ones by class, on the fine grid.
  WeightedLabels weighted;      // Labels with a review probability, once more, weighted by it.
  LabeledClasses classes;       // Of the top labels of class vectors, not by slice: by class.
  LatencyHistogram latency;

  std::int64_t unlabeled() const { return sampled - labeled; }

  Aggregate& operator+=(const Aggregate& other);
  Aggregate& operator-=(const Aggregate& other);
  friend bool operator==(const Aggregate&, const Aggregate&) = default;

  bool empty() const;  // Equal to Aggregate{}.
  void Clear();        // Back to Aggregate{}, keeping memory for the next use.
};

}  // namespace guardwatch
