#include "stats/labeled_bins.h"

#include <algorithm>

#include "base/int128.h"

namespace guardwatch {
namespace {

// Adds n scores of mean p to the deviations of a bin whose sums are complete.
void AddDeviation(std::int64_t n, std::int64_t score_q, double y, LabeledBin& bin) {
  if (n <= 0) return;
  const double away =
      double(score_q) / double{kScoreOne} / double(n) - bin.mean_score();  // Mean of p - f.
  bin.square_deviation += double(n) * away * away;
  bin.co_deviation += double(n) * away * (y - bin.positive_rate());
}

// The cells first to last, which hold labels, as one bin.
template <class Iterator>
LabeledBin Combine(Iterator first, Iterator last, int m) {
  LabeledBin bin;
  for (auto cell = first; cell != last; ++cell) {
    bin.labeled += cell->labeled();
    bin.positive += cell->positive;
    bin.score_q += cell->NegativeScoreQ(m) + cell->PositiveScoreQ(m);
  }
  if (bin.labeled <= 0) return bin;
  for (auto cell = first; cell != last; ++cell) {
    AddDeviation(cell->negative, cell->NegativeScoreQ(m), 0.0, bin);
    AddDeviation(cell->positive, cell->PositiveScoreQ(m), 1.0, bin);
  }
  return bin;
}

std::int64_t LabeledIn(const ScoreHistogram& histogram) {
  std::int64_t labeled = 0;
  for (const HistogramCell& cell : histogram.cells()) labeled += cell.labeled();
  return labeled;
}

}  // namespace

std::optional<FrozenBins> FrozenBins::From(const ScoreHistogram& reference, int m) {
  const std::int64_t bins = std::min<std::int64_t>(kMost, LabeledIn(reference) / kLabelsPerBin);
  if (bins <= 0) return std::nullopt;
  return EqualMass(reference, m, static_cast<int>(bins));
}

std::optional<FrozenBins> FrozenBins::EqualMass(const ScoreHistogram& reference, int m, int bins) {
  const std::int64_t labeled = LabeledIn(reference);
  if (labeled <= 0) return std::nullopt;
  FrozenBins frozen{m, {}};
  const auto grid_last = static_cast<std::uint16_t>(score_grid::BinCount(m) - 1);
  Int128 below = 0;
  int next = 1;  // Of the edges 1 ... bins - 1, the first that is not placed yet.
  for (const HistogramCell& cell : reference.cells()) {
    below += cell.labeled();
    if (next >= bins || below * bins < Int128{next} * labeled) continue;
    while (next < bins && below * bins >= Int128{next} * labeled) ++next;
    if (cell.bin < grid_last && below < labeled) frozen.last.push_back(cell.bin);
  }
  frozen.last.push_back(grid_last);
  return frozen;
}

std::size_t FrozenBins::IndexOf(std::uint16_t grid_bin) const {
  return static_cast<std::size_t>(std::lower_bound(last.begin(), last.end(), grid_bin) -
                                  last.begin());
}

LabeledBins LabeledBinsOf(const ReliabilityBins& bins) {
  LabeledBins result;
  for (int i = 0; i < kReliabilityBins; ++i) {
    const ReliabilityBin bin = bins[i];
    if (bin.labeled <= 0) continue;
    result.push_back({.labeled = bin.labeled, .positive = bin.positive, .score_q = bin.score_q});
  }
  return result;
}

LabeledBins LabeledBinsOf(const ScoreHistogram& histogram, const FrozenBins& frozen) {
  LabeledBins result;
  const auto& cells = histogram.cells();
  for (auto first = cells.begin(); first != cells.end();) {
    const std::uint16_t last_bin = frozen.last[frozen.IndexOf(first->bin)];
    const auto last = std::find_if(first, cells.end(),
                                   [&](const HistogramCell& cell) { return cell.bin > last_bin; });
    const LabeledBin bin = Combine(first, last, frozen.m);
    if (bin.labeled > 0) result.push_back(bin);
    first = last;
  }
  return result;
}

LabeledBins LabeledBinsOf(const ScoreHistogram& histogram, int m) {
  LabeledBins result;
  for (auto cell = histogram.cells().begin(); cell != histogram.cells().end(); ++cell) {
    const LabeledBin bin = Combine(cell, std::next(cell), m);
    if (bin.labeled > 0) result.push_back(bin);
  }
  return result;
}

}  // namespace guardwatch
