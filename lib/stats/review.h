#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/int128.h"
#include "stats/proportion.h"
#include "stats/score_histogram.h"

namespace guardwatch {

// Reviewers see what looks suspicious, so the labelled events are no fair sample: a rate among them
// is not the rate of the traffic. Two ways back to it.

// Post-stratification. Within a stratum, a bin of scores in one cohort, what is reviewed is taken
// to be a fair sample of what is scored. Holt, Smith (1979), JRSS-A 142:33-46.
struct ReviewStratum {
  std::int64_t scored = 0;
  std::int64_t labeled = 0;
  std::int64_t positive = 0;
};

// One stratum per grid bin that holds something, in order of score.
std::vector<ReviewStratum> ReviewStrataOf(const ScoreHistogram& histogram);

// Strata with fewer labels say too little of their own.
inline constexpr std::int64_t kFewestLabelsPerStratum = 5;

// Joins neighbours until each stratum has enough labels; fewer only if there are not so many in
// all.
std::vector<ReviewStratum> MergeSparseStrata(std::span<const ReviewStratum> strata,
                                             std::int64_t fewest = kFewestLabelsPerStratum);

struct StratifiedRate {
  double rate = 0;  // sum_b W_b s_b / m_b, W_b the stratum's share of all scored events.
  // sqrt(sum W_b^2 o_b (1 - o_b) / (m_b - 1)); nullopt if a stratum has a single label.
  std::optional<double> se;
  std::size_t strata = 0;  // After merging.
  // Share of the scored events that are unlabelled and in a stratum that had to be merged: how much
  // rests on neighbours being alike.
  double merged_unlabeled_share = 0;
};

// Rate of positives of the traffic. Strata are in an order in which neighbours are alike. Nullopt
// without labels.
std::optional<StratifiedRate> PostStratify(std::span<const ReviewStratum> strata,
                                           std::int64_t fewest = kFewestLabelsPerStratum);

// The weight of an event that was sent to review with a known probability, in units of 2^-24.
struct ReviewWeight {
  static constexpr std::int64_t kOne = std::int64_t{1} << 24;
  static constexpr std::int64_t kGreatest = 50 * kOne;

  std::int64_t q24 = kOne;
  bool clipped = false;

  // min(1 / probability, 50), rounded half to even. probability in (0, 1].
  static ReviewWeight From(double probability);
};

// Inverse probability weighting. Exact integer sums over labelled events, mergeable and
// subtractable.
struct WeightedReview {
  std::int64_t labeled = 0;
  std::int64_t clipped = 0;        // Events whose weight was clipped.
  Int128 weight_q24 = 0;           // sum w
  Int128 positive_q24 = 0;         // sum w x
  Int128 clipped_q24 = 0;          // sum w of clipped events
  Int128 square_q48 = 0;           // sum w^2
  Int128 positive_square_q48 = 0;  // sum w^2 x

  // x: the label is positive, or the decision was wrong, or whatever is asked for.
  void Add(ReviewWeight weight, bool x, int sign = 1);

  WeightedReview& operator+=(const WeightedReview& other);
  WeightedReview& operator-=(const WeightedReview& other);
  friend bool operator==(const WeightedReview&, const WeightedReview&) = default;
};

// Intervals and rules need so many effective labels.
inline constexpr double kFewestEffectiveLabels = 50;

struct WeightedRate {
  double hajek = 0;             // sum w x / sum w. Hajek (1971); lower variance, the one to show.
  double horvitz_thompson = 0;  // sum w x / scored. Horvitz, Thompson (1952), JASA 47:663-685.
  double se = 0;                // Of hajek, by linearisation.
  double effective_n = 0;    // (sum w)^2 / sum w^2: labels of a fair sample worth the same. Kish.
  Interval interval;         // Wilson's at 95 %, of effective_n trials.
  double clipped_share = 0;  // Of sum w. Clipping biases towards what was reviewed most.
};

// `scored` events of which those in `sums` were labelled, > 0. Nullopt without labels.
std::optional<WeightedRate> WeightedRateOf(const WeightedReview& sums, std::int64_t scored);

}  // namespace guardwatch
