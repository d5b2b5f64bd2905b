#include "stats/score_histogram.h"

#include <algorithm>

namespace guardwatch {
namespace {

bool IsZero(const HistogramCell& cell) { return cell == HistogramCell{.bin = cell.bin}; }

bool ByBin(const HistogramCell& cell, std::uint16_t bin) { return cell.bin < bin; }

}  // namespace

score_grid::Range score_grid::RangeOf(std::uint16_t bin, int m) {
  const std::uint32_t steps = 1u << m;
  const std::uint32_t top = BinCount(m) - 1u;
  const bool upper = bin >= top / 2;
  const std::uint32_t i = upper ? top - bin : bin;
  Range range{i, i};
  if (i >= steps) {
    const std::uint32_t octave = i / steps - 1;
    const std::uint32_t low = (i % steps + steps) << octave;
    range = {low, low + (1u << octave) - 1};
  }
  if (!upper) return range;
  const Range mirrored{kScoreOne - range.high, kScoreOne - range.low};
  // The bin of exactly 1/2 holds nothing else: values just above it mirror the ones below.
  return {std::max(mirrored.low, kScoreOne / 2), mirrored.high};
}

HistogramCell& ScoreHistogram::At(std::uint16_t bin) {
  const auto at = std::lower_bound(cells_.begin(), cells_.end(), bin, ByBin);
  if (at != cells_.end() && at->bin == bin) return *at;
  return *cells_.insert(at, HistogramCell{.bin = bin});
}

void ScoreHistogram::AddLabel(Score score, int m, bool positive, int sign) {
  const std::uint16_t bin = score_grid::BinOf(score, m);
  const std::int64_t residual = std::int64_t{score.q} - score_grid::RangeOf(bin, m).low;
  m_ = m;
  HistogramCell& cell = At(bin);
  (positive ? cell.positive : cell.negative) += sign;
  (positive ? cell.positive_residual : cell.negative_residual) += sign * residual;
}

bool ScoreHistogram::empty() const { return std::all_of(cells_.begin(), cells_.end(), IsZero); }

// Cells that are missing are made first, from the back, so that both lists can then be walked
// together.
void ScoreHistogram::MakeCellsOf(const ScoreHistogram& other) {
  std::size_t missing = 0;
  auto mine = cells_.cbegin();
  for (const HistogramCell& cell : other.cells_) {
    while (mine != cells_.cend() && mine->bin < cell.bin) ++mine;
    missing += mine == cells_.cend() || mine->bin != cell.bin ? 1 : 0;
  }
  if (missing == 0) return;
  std::size_t from = cells_.size();
  cells_.resize(cells_.size() + missing);
  std::size_t to = cells_.size();
  for (auto at = other.cells_.rbegin(); at != other.cells_.rend(); ++at) {
    while (from > 0 && cells_[from - 1].bin > at->bin) cells_[--to] = cells_[--from];
    if (from > 0 && cells_[from - 1].bin == at->bin) continue;
    cells_[--to] = HistogramCell{.bin = at->bin};
    if (to == from) return;
  }
}

ScoreHistogram& ScoreHistogram::Combine(const ScoreHistogram& other, int sign) {
  if (other.cells_.empty()) return *this;
  if (cells_.empty()) m_ = other.m_;
  MakeCellsOf(other);
  bool vanished = false;
  auto mine = cells_.begin();
  for (const HistogramCell& cell : other.cells_) {
    while (mine->bin != cell.bin) ++mine;
    mine->scored += sign * cell.scored;
    mine->negative += sign * cell.negative;
    mine->positive += sign * cell.positive;
    mine->negative_residual += sign * cell.negative_residual;
    mine->positive_residual += sign * cell.positive_residual;
    vanished = vanished || IsZero(*mine);
  }
  if (vanished) std::erase_if(cells_, IsZero);
  return *this;
}

ScoreHistogram ScoreHistogram::Coarsened(int m) const {
  ScoreHistogram coarse(m - 1);
  for (const HistogramCell& cell : cells_) {
    const std::uint32_t low = score_grid::RangeOf(cell.bin, m).low;
    const std::uint16_t bin = score_grid::BinOf(Score{low}, m - 1);
    const std::int64_t shift = low - score_grid::RangeOf(bin, m - 1).low;
    HistogramCell& wide = coarse.At(bin);
    wide.scored += cell.scored;
    wide.negative += cell.negative;
    wide.positive += cell.positive;
    wide.negative_residual += cell.negative_residual + shift * cell.negative;
    wide.positive_residual += cell.positive_residual + shift * cell.positive;
  }
  return coarse;
}

bool operator==(const ScoreHistogram& a, const ScoreHistogram& b) {
  auto i = a.cells_.begin();
  auto j = b.cells_.begin();
  while (true) {
    i = std::find_if_not(i, a.cells_.end(), IsZero);
    j = std::find_if_not(j, b.cells_.end(), IsZero);
    if (i == a.cells_.end() || j == b.cells_.end())
      return i == a.cells_.end() && j == b.cells_.end();
    if (*i++ != *j++) return false;
  }
}

}  // namespace guardwatch
