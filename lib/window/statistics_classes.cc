#include "window/statistics_classes.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <tuple>

#include "window/series.h"
#include "window/statistics_compute.h"

namespace guardwatch {
namespace {

// Whether each class stands alone.
std::vector<bool> Shown(const LabeledClasses& labeled) {
  const auto names = labeled.names();
  std::vector<std::int64_t> events(names.size());
  for (const LabeledClasses::Cell& cell : labeled.cells()) {
    events[cell.actual] += cell.count;
    events[cell.predicted] += cell.count;
  }
  std::vector<std::size_t> order(names.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::erase_if(order, [&](std::size_t i) { return names[i] == kOther; });
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::tuple(-events[a], a) < std::tuple(-events[b], b);
  });
  std::vector<bool> shown(names.size());
  for (std::size_t i = 0; i < std::min(order.size(), ClassMatrix::kMostClasses); ++i) {
    shown[order[i]] = true;
  }
  return shown;
}

StatisticValue Summary(std::optional<double> value, std::int64_t n) {
  if (value) return statistics::Number(*value, n);
  return statistics::Missing(n == 0 ? "no_data" : "one_class", n);
}

}  // namespace

ClassMatrix MatrixOf(const LabeledClasses& labeled) {
  ClassMatrix matrix;
  const std::vector<bool> shown = Shown(labeled);
  std::vector<std::size_t> index(shown.size());
  for (std::size_t i = 0; i < shown.size(); ++i) {
    index[i] = matrix.classes.size();
    if (shown[i]) matrix.classes.push_back(labeled.names()[i]);
  }
  const std::size_t other = matrix.classes.size();
  for (std::size_t i = 0; i < shown.size(); ++i) {
    if (!shown[i]) index[i] = other;
  }
  if (other < shown.size()) matrix.classes.emplace_back(kOther);
  for (const LabeledClasses::Cell& cell : labeled.cells()) {
    const bool folds = index[cell.actual] == other || index[cell.predicted] == other;
    matrix.folded += folds ? cell.count : 0;
    matrix.counts.Add(index[cell.actual], index[cell.predicted], cell.count);
  }
  const std::int64_t n = matrix.counts.n();
  matrix.accuracy = statistics::Rate(matrix.counts.correct(), n);
  matrix.macro_precision = Summary(matrix.counts.MacroPrecision(), n);
  matrix.macro_recall = Summary(matrix.counts.MacroRecall(), n);
  matrix.macro_f1 = Summary(matrix.counts.MacroF1(), n);
  matrix.cohen_kappa = Summary(matrix.counts.CohenKappa(), n);
  return matrix;
}

}  // namespace guardwatch
