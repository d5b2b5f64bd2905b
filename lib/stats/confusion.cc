#include "stats/confusion.h"

#include <cmath>

#include "base/int128.h"

namespace guardwatch {
namespace {

std::optional<double> Ratio(std::int64_t part, std::int64_t whole) {
  if (whole <= 0) return std::nullopt;
  return double(part) / double(whole);
}

}  // namespace

std::optional<double> ClassCounts::Precision() const { return Ratio(true_positive, flagged()); }
std::optional<double> ClassCounts::Recall() const { return Ratio(true_positive, positives()); }
std::optional<double> ClassCounts::FalsePositiveRate() const {
  return Ratio(false_positive, negatives());
}
std::optional<double> ClassCounts::Specificity() const { return Ratio(true_negative, negatives()); }
std::optional<double> ClassCounts::Accuracy() const {
  return Ratio(true_positive + true_negative, n());
}

std::optional<double> ClassCounts::BalancedAccuracy() const {
  const auto recall = Recall();
  const auto specificity = Specificity();
  if (!recall || !specificity) return std::nullopt;
  return (*recall + *specificity) / 2.0;
}

std::optional<double> ClassCounts::F1() const {
  return Ratio(2 * true_positive, flagged() + positives());
}

std::optional<double> ClassCounts::MatthewsCorrelation() const {
  const std::int64_t passed = n() - flagged();
  if (positives() <= 0 || negatives() <= 0 || flagged() <= 0 || passed <= 0) return std::nullopt;
  const Int128 difference =
      Int128{true_positive} * true_negative - Int128{false_positive} * false_negative;
  return double(difference) / (std::sqrt(double(flagged())) * std::sqrt(double(positives())) *
                               std::sqrt(double(negatives())) * std::sqrt(double(passed)));
}

std::optional<double> ClassCounts::CohenKappa() const {
  // (o - e) / (1 - e) with both shares times n^2, in exact integers.
  const Int128 agreed = Int128{true_positive + true_negative} * n();
  const Int128 by_chance = Int128{flagged()} * positives() + Int128{n() - flagged()} * negatives();
  const Int128 room = Int128{n()} * n() - by_chance;
  if (room <= 0) return std::nullopt;
  return double(agreed - by_chance) / double(room);
}

}  // namespace guardwatch
