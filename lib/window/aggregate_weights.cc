#include "window/aggregate_weights.h"

#include "stats/review.h"

namespace guardwatch {
namespace {

void Add(std::uint32_t weight, int sign, WeightSum& sum) {
  sum.labeled += sign;
  sum.weight += sign * Int128{weight};
  sum.square += sign * (Int128{weight} * weight);
}

}  // namespace

WeightedLabels::WeightedLabels(const WeightedLabels& other)
    : sums_(other.sums_ ? std::make_unique<WeightedSums>(*other.sums_) : nullptr) {}

WeightedLabels& WeightedLabels::operator=(const WeightedLabels& other) {
  if (this != &other) {
    sums_ = other.sums_ ? std::make_unique<WeightedSums>(*other.sums_) : nullptr;
  }
  return *this;
}

WeightedSums& WeightedLabels::Make() {
  if (!sums_) sums_ = std::make_unique<WeightedSums>();
  return *sums_;
}

void WeightedLabels::AddLabel(std::uint32_t weight, bool positive, int sign) {
  WeightedSums& sums = Make();
  Add(weight, sign, positive ? sums.positive : sums.negative);
  if (weight >= ReviewWeight::kGreatest) Add(weight, sign, sums.clipped);
}

void WeightedLabels::AddScore(std::uint32_t weight, Score score, bool positive, int sign) {
  WeightedSums& sums = Make();
  const Int128 w = sign * Int128{weight};
  const Int128 q = score.q;
  sums.loss += w * LogLossQ24(score, positive);
  sums.score_q_squared += w * q * q;
  WeightedBin& bin = sums.bins[static_cast<std::size_t>(ReliabilityBins::BinOf(score))];
  bin.weight += w;
  bin.positive += positive ? w : 0;
  bin.score_q += w * q;
  sums.positive_score_q += positive ? w * q : 0;
}

void WeightedLabels::AddDecision(std::uint32_t weight, bool flagged, bool positive, int sign) {
  WeightedSums& sums = Make();
  if (flagged) {
    Add(weight, sign, positive ? sums.true_positive : sums.false_positive);
  } else {
    Add(weight, sign, positive ? sums.false_negative : sums.true_negative);
  }
}

bool WeightedLabels::empty() const { return !sums_ || *sums_ == WeightedSums{}; }

void WeightedLabels::Clear() {
  if (sums_) *sums_ = {};
}

WeightedLabels& WeightedLabels::Combine(const WeightedLabels& other, int sign) {
  if (other.empty()) return *this;
  WeightedSums& mine = Make();
  const WeightedSums& theirs = *other.sums_;
  for (const auto kind : kWeightSums) {
    (mine.*kind).labeled += sign * (theirs.*kind).labeled;
    (mine.*kind).weight += sign * (theirs.*kind).weight;
    (mine.*kind).square += sign * (theirs.*kind).square;
  }
  mine.loss += sign * theirs.loss;
  mine.score_q_squared += sign * theirs.score_q_squared;
  mine.positive_score_q += sign * theirs.positive_score_q;
  for (std::size_t i = 0; i < mine.bins.size(); ++i) {
    mine.bins[i].weight += sign * theirs.bins[i].weight;
    mine.bins[i].positive += sign * theirs.bins[i].positive;
    mine.bins[i].score_q += sign * theirs.bins[i].score_q;
  }
  return *this;
}

bool operator==(const WeightedLabels& a, const WeightedLabels& b) {
  if (a.sums_ && b.sums_) return *a.sums_ == *b.sums_;
  return a.empty() && b.empty();
}

}  // namespace guardwatch
