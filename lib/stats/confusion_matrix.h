#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "stats/confusion.h"

namespace guardwatch {

// Exact counts of (actual class, predicted class) pairs, by class index; mergeable and
// subtractable. It grows with the greatest index seen, and a class that was never seen is a row and
// a column of zeros: matrices of different size can be added and compared.
class ConfusionMatrix {
 public:
  void Add(std::size_t actual, std::size_t predicted, std::int64_t count = 1);

  std::size_t classes() const { return classes_; }
  std::int64_t At(std::size_t actual, std::size_t predicted) const;  // 0 beyond classes().
  std::int64_t n() const;
  std::int64_t correct() const;                        // On the diagonal.
  std::int64_t ActualCount(std::size_t cls) const;     // Sum of a row.
  std::int64_t PredictedCount(std::size_t cls) const;  // Sum of a column.

  // One class against all others.
  ClassCounts OneVsRest(std::size_t cls) const;

  std::optional<double> Accuracy() const;  // Nullopt for n = 0.

  // Unweighted means over classes. A class without a denominator, never predicted (precision) or
  // never actual (recall, balanced accuracy), is left out rather than taken for zero; F1 leaves out
  // classes that are neither. Nullopt if none is left.
  std::optional<double> MacroPrecision() const;
  std::optional<double> MacroRecall() const;  // What others call balanced accuracy.
  std::optional<double> MacroF1() const;

  // Agreement beyond chance, (o - e) / (1 - e), in [-1, 1]. Cohen (1960), Educational and
  // Psychological Measurement 20:37-46. Nullopt for n = 0, or if chance alone agrees always: all
  // labels and predictions are of one class.
  std::optional<double> CohenKappa() const;

  ConfusionMatrix& operator+=(const ConfusionMatrix& other) { return Combine(other, 1); }
  ConfusionMatrix& operator-=(const ConfusionMatrix& other) { return Combine(other, -1); }
  friend bool operator==(const ConfusionMatrix& a, const ConfusionMatrix& b);

 private:
  void Grow(std::size_t classes);
  ConfusionMatrix& Combine(const ConfusionMatrix& other, int sign);

  std::size_t classes_ = 0;
  std::vector<std::int64_t> counts_;  // classes_ rows of classes_ columns.
};

}  // namespace guardwatch
