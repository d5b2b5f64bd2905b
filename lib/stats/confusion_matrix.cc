#include "stats/confusion_matrix.h"

#include <algorithm>
#include <numeric>

#include "base/int128.h"

namespace guardwatch {
namespace {

using Ratio = std::optional<double> (ClassCounts::*)() const;

std::optional<double> MeanOver(const ConfusionMatrix& matrix, Ratio ratio) {
  double sum = 0;
  int used = 0;
  for (std::size_t cls = 0; cls < matrix.classes(); ++cls) {
    const std::optional<double> value = (matrix.OneVsRest(cls).*ratio)();
    if (!value) continue;
    sum += *value;
    ++used;
  }
  if (used == 0) return std::nullopt;
  return sum / used;
}

}  // namespace

void ConfusionMatrix::Add(std::size_t actual, std::size_t predicted, std::int64_t count) {
  Grow(std::max(actual, predicted) + 1);
  counts_[actual * classes_ + predicted] += count;
}

std::int64_t ConfusionMatrix::At(std::size_t actual, std::size_t predicted) const {
  if (actual >= classes_ || predicted >= classes_) return 0;
  return counts_[actual * classes_ + predicted];
}

std::int64_t ConfusionMatrix::n() const {
  return std::accumulate(counts_.begin(), counts_.end(), std::int64_t{0});
}

std::int64_t ConfusionMatrix::correct() const {
  std::int64_t sum = 0;
  for (std::size_t cls = 0; cls < classes_; ++cls) sum += At(cls, cls);
  return sum;
}

std::int64_t ConfusionMatrix::ActualCount(std::size_t cls) const {
  std::int64_t sum = 0;
  for (std::size_t other = 0; other < classes_; ++other) sum += At(cls, other);
  return sum;
}

std::int64_t ConfusionMatrix::PredictedCount(std::size_t cls) const {
  std::int64_t sum = 0;
  for (std::size_t other = 0; other < classes_; ++other) sum += At(other, cls);
  return sum;
}

ClassCounts ConfusionMatrix::OneVsRest(std::size_t cls) const {
  ClassCounts counts;
  counts.true_positive = At(cls, cls);
  counts.false_positive = PredictedCount(cls) - counts.true_positive;
  counts.false_negative = ActualCount(cls) - counts.true_positive;
  counts.true_negative = n() - counts.true_positive - counts.false_positive - counts.false_negative;
  return counts;
}

std::optional<double> ConfusionMatrix::Accuracy() const {
  const std::int64_t total = n();
  if (total <= 0) return std::nullopt;
  return double(correct()) / double(total);
}

std::optional<double> ConfusionMatrix::MacroPrecision() const {
  return MeanOver(*this, &ClassCounts::Precision);
}

std::optional<double> ConfusionMatrix::MacroRecall() const {
  return MeanOver(*this, &ClassCounts::Recall);
}

std::optional<double> ConfusionMatrix::MacroF1() const { return MeanOver(*this, &ClassCounts::F1); }

std::optional<double> ConfusionMatrix::CohenKappa() const {
  const Int128 total = n();
  Int128 chance = 0;  // Agreement by chance, times total^2.
  for (std::size_t cls = 0; cls < classes_; ++cls) {
    chance += Int128{ActualCount(cls)} * PredictedCount(cls);
  }
  const Int128 room = total * total - chance;
  if (room <= 0) return std::nullopt;
  return double(total * correct() - chance) / double(room);
}

bool operator==(const ConfusionMatrix& a, const ConfusionMatrix& b) {
  const std::size_t classes = std::max(a.classes_, b.classes_);
  for (std::size_t actual = 0; actual < classes; ++actual) {
    for (std::size_t predicted = 0; predicted < classes; ++predicted) {
      if (a.At(actual, predicted) != b.At(actual, predicted)) return false;
    }
  }
  return true;
}

void ConfusionMatrix::Grow(std::size_t classes) {
  if (classes <= classes_) return;
  std::vector<std::int64_t> grown(classes * classes);
  for (std::size_t actual = 0; actual < classes_; ++actual) {
    std::copy_n(counts_.begin() + static_cast<std::ptrdiff_t>(actual * classes_), classes_,
                grown.begin() + static_cast<std::ptrdiff_t>(actual * classes));
  }
  counts_ = std::move(grown);
  classes_ = classes;
}

ConfusionMatrix& ConfusionMatrix::Combine(const ConfusionMatrix& other, int sign) {
  Grow(other.classes_);
  for (std::size_t actual = 0; actual < other.classes_; ++actual) {
    for (std::size_t predicted = 0; predicted < other.classes_; ++predicted) {
      counts_[actual * classes_ + predicted] += sign * other.At(actual, predicted);
    }
  }
  return *this;
}

}  // namespace guardwatch
