#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/int128.h"
#include "base/score.h"
#include "stats/reliability.h"

namespace guardwatch {

// Weights of a kind of labels: 1 / P(sent to review), in units of 2^-24, at most 50.
struct WeightSum {
  std::int64_t labeled = 0;
  Int128 weight = 0;  // sum w, 2^-24
  Int128 square = 0;  // sum w^2, 2^-48
  friend bool operator==(const WeightSum&, const WeightSum&) = default;
};

struct WeightedBin {
  Int128 weight = 0;
  Int128 positive = 0;  // sum w y
  Int128 score_q = 0;   // sum w q
  friend bool operator==(const WeightedBin&, const WeightedBin&) = default;
};

// Labels that say with what probability they were asked for, each counted as the requests it stands
// for. Exact integers, as everything in an aggregate.
struct WeightedSums {
  WeightSum positive;
  WeightSum negative;
  WeightSum clipped;  // Of both: those whose weight is at its limit.
  WeightSum true_positive;
  WeightSum false_positive;
  WeightSum true_negative;
  WeightSum false_negative;

  // Over labelled scores.
  Int128 loss = 0;                                      // sum w loss, 2^-48 nats
  Int128 score_q_squared = 0;                           // sum w q^2
  Int128 positive_score_q = 0;                          // sum w q y
  std::array<WeightedBin, kReliabilityBins> bins = {};  // As ReliabilityBins.
  friend bool operator==(const WeightedSums&, const WeightedSums&) = default;
};

// Takes no memory beyond a pointer until the first weighted label.
class WeightedLabels {
 public:
  WeightedLabels() = default;
  WeightedLabels(const WeightedLabels& other);
  WeightedLabels(WeightedLabels&&) noexcept = default;
  WeightedLabels& operator=(const WeightedLabels& other);
  WeightedLabels& operator=(WeightedLabels&&) noexcept = default;
  ~WeightedLabels() = default;

  // Add (sign +1) or take back (sign -1) one label, `weight` in units of 2^-24.
  void AddLabel(std::uint32_t weight, bool positive, int sign);
  void AddScore(std::uint32_t weight, Score score, bool positive, int sign);
  void AddDecision(std::uint32_t weight, bool flagged, bool positive, int sign);

  const WeightedSums* sums() const { return sums_.get(); }  // Nullptr: no label had a weight.
  void Set(const WeightedSums& sums) { sums_ = std::make_unique<WeightedSums>(sums); }
  bool empty() const;
  void Clear();

  WeightedLabels& operator+=(const WeightedLabels& other) { return Combine(other, 1); }
  WeightedLabels& operator-=(const WeightedLabels& other) { return Combine(other, -1); }
  friend bool operator==(const WeightedLabels& a, const WeightedLabels& b);

 private:
  WeightedSums& Make();
  WeightedLabels& Combine(const WeightedLabels& other, int sign);

  std::unique_ptr<WeightedSums> sums_;
};

// The one list of the sums by kind, for every operation that treats them alike.
inline constexpr WeightSum WeightedSums::*kWeightSums[] = {
    &WeightedSums::positive,      &WeightedSums::negative,       &WeightedSums::clipped,
    &WeightedSums::true_positive, &WeightedSums::false_positive, &WeightedSums::true_negative,
    &WeightedSums::false_negative};

}  // namespace guardwatch
