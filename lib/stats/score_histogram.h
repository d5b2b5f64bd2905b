#pragma once

#include <bit>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/score.h"

namespace guardwatch {

// The symmetric log-linear score grid: integer bins whose width is at most 2^-m * min(p, 1 - p), so
// that both tails keep their detail. Mirror-symmetric around 1/2; m = 5 nests exactly into m = 4.
namespace score_grid {

inline constexpr int kFine = 5;    // 1601 bins, for whole series.
inline constexpr int kCoarse = 4;  // 833 bins, for slices.

constexpr std::uint16_t BinCount(int m) {
  return static_cast<std::uint16_t>(2 * (30 - m) * (1 << m) + 1);
}

constexpr std::uint16_t BinOf(Score score, int m) {
  const std::uint32_t steps = 1u << m;
  const bool upper = score.q >= kScoreOne / 2;
  const std::uint32_t v = upper ? kScoreOne - score.q : score.q;
  std::uint32_t i = v;
  if (v >= steps) {
    const int e = std::bit_width(v) - 1;
    i = static_cast<std::uint32_t>(e - m + 1) * steps + ((v >> (e - m)) - steps);
  }
  const std::uint32_t top = BinCount(m) - 1u;
  return static_cast<std::uint16_t>(upper ? top - i : i);
}

// The q that bound a bin, both inside it.
struct Range {
  std::uint32_t low = 0;
  std::uint32_t high = 0;
};
Range RangeOf(std::uint16_t bin, int m);

}  // namespace score_grid

struct HistogramCell {
  std::uint16_t bin = 0;
  std::int64_t scored = 0;
  std::int64_t negative = 0;  // Labelled.
  std::int64_t positive = 0;  // Labelled.
  // Sums of q - RangeOf(bin).low over the labelled scores of each class: the mean score of a bin is
  // exact, not its middle. A residual is at most 2^24 (m = 5: 2^23), so 5e11 labels fit.
  std::int64_t negative_residual = 0;
  std::int64_t positive_residual = 0;
  friend bool operator==(const HistogramCell&, const HistogramCell&) = default;

  std::int64_t labeled() const { return negative + positive; }
  // Sums of q over the labelled scores of a class, exact up to 8e9 of them.
  std::int64_t NegativeScoreQ(int m) const {
    return negative * score_grid::RangeOf(bin, m).low + negative_residual;
  }
  std::int64_t PositiveScoreQ(int m) const {
    return positive * score_grid::RangeOf(bin, m).low + positive_residual;
  }
};

// Counts on the score grid. Sparse: only bins that hold something, in bin order.
class ScoreHistogram {
 public:
  ScoreHistogram() = default;
  explicit ScoreHistogram(int m) : m_(m) {}
  // `cells`: in bin order.
  ScoreHistogram(std::vector<HistogramCell> cells, int m) : cells_(std::move(cells)), m_(m) {}

  // Resolution of the grid. An empty histogram takes that of what is added to it; histograms of
  // different resolution do not add up.
  int m() const { return m_; }

  void AddScore(std::uint16_t bin, int sign = 1) { At(bin).scored += sign; }
  // Adds (sign +1) or takes back (sign -1) one labelled score on the grid of resolution m.
  void AddLabel(Score score, int m, bool positive, int sign = 1);
  // The same where of the score only its bin is known: it counts as the low edge of the bin.
  void AddLabel(std::uint16_t bin, bool positive, int sign = 1) {
    HistogramCell& cell = At(bin);
    (positive ? cell.positive : cell.negative) += sign;
  }

  // In bin order. A cell whose counts have come back to zero may still be listed.
  const std::vector<HistogramCell>& cells() const { return cells_; }
  void Set(const HistogramCell& cell) { At(cell.bin) = cell; }
  bool empty() const;
  void Clear() {
    cells_.clear();
    m_ = score_grid::kFine;
  }

  ScoreHistogram& operator+=(const ScoreHistogram& other) { return Combine(other, 1); }
  ScoreHistogram& operator-=(const ScoreHistogram& other) { return Combine(other, -1); }
  friend bool operator==(const ScoreHistogram& a, const ScoreHistogram& b);

  // The histogram that the same scores make on the grid of resolution m - 1, exactly; this one is
  // on the grid of resolution m.
  ScoreHistogram Coarsened(int m) const;

 private:
  HistogramCell& At(std::uint16_t bin);
  void MakeCellsOf(const ScoreHistogram& other);
  ScoreHistogram& Combine(const ScoreHistogram& other, int sign);

  std::vector<HistogramCell> cells_;
  int m_ = score_grid::kFine;
};

}  // namespace guardwatch
