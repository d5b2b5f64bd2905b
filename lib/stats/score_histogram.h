#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/score.h"
#include "stats/histogram_cells.h"
#include "stats/score_counts.h"
#include "stats/score_grid.h"

namespace guardwatch {

// Counts on the score grid. Sparse: only bins that hold something, in bin order. Takes no memory
// beyond a pointer while it is empty.
class ScoreHistogram {
 public:
  ScoreHistogram() = default;
  explicit ScoreHistogram(int m) : m_(m) {}
  // `cells`: in bin order.
  ScoreHistogram(std::span<const HistogramCell> cells, int m);
  // Both in bin order; every labelled bin is among the scored ones, be its count there zero, and no
  // labelled count is zero.
  ScoreHistogram(std::vector<ScoredCount> scored, std::vector<LabeledCount> labeled, int m);
  ScoreHistogram(const ScoreHistogram& other);
  ScoreHistogram(ScoreHistogram&&) noexcept = default;
  ScoreHistogram& operator=(const ScoreHistogram& other);
  ScoreHistogram& operator=(ScoreHistogram&&) noexcept = default;
  ~ScoreHistogram() = default;

  // Resolution of the grid. An empty histogram takes that of what is added to it; histograms of
  // different resolution do not add up.
  int m() const { return m_; }

  void AddScore(std::uint16_t bin, int sign = 1) { Scored(bin).Add(ScoredCount(bin, 1), sign); }
  // Adds (sign +1) or takes back (sign -1) one labelled score on the grid of resolution m.
  void AddLabel(Score score, int m, bool positive, int sign = 1);
  // The same where of the score only its bin is known: it counts as the low edge of the bin.
  void AddLabel(std::uint16_t bin, bool positive, int sign = 1);

  // In bin order. A cell whose counts have come back to zero may still be listed.
  HistogramCells cells() const;
  void Set(const HistogramCell& cell);
  bool empty() const;
  void Clear();

  ScoreHistogram& operator+=(const ScoreHistogram& other) { return Combine(other, 1); }
  ScoreHistogram& operator-=(const ScoreHistogram& other) { return Combine(other, -1); }
  friend bool operator==(const ScoreHistogram& a, const ScoreHistogram& b);

  // The histogram that the same scores make on the grid of resolution m - 1, exactly; this one is
  // on the grid of resolution m.
  ScoreHistogram Coarsened(int m) const;

 private:
  // Labels are a tenth of the scores, or fewer.
  struct Counts {
    std::vector<ScoredCount> scored;
    std::vector<LabeledCount> labeled;  // Each in a bin that `scored` has too.
  };

  Counts& Own();  // Makes them if there are none.
  ScoredCount& Scored(std::uint16_t bin);
  LabeledCount& Labeled(std::uint16_t bin);
  ScoreHistogram& Combine(const ScoreHistogram& other, int sign);

  std::unique_ptr<Counts> counts_;  // Nullptr: empty.
  int m_ = score_grid::kFine;
};

}  // namespace guardwatch
