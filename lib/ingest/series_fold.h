#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "ingest/accumulator.h"
#include "stats/score_histogram.h"
#include "window/aggregate.h"

namespace guardwatch {

// Adds up the cells of one series and pane. Scores are counted in a row of all bins, of which those
// in use are marked, so that many scores cost an addition each and few ones no search.
class SeriesFold {
 public:
  explicit SeriesFold(const ClassNames& classes);  // Must outlive it.

  // Adds a cell to what `out` becomes. `m`: the series' score grid, the same for all its cells.
  void Add(const EventCell& cell, int m, Aggregate& out);

  // Brings the histogram and the labelled classes into `out` and starts afresh.
  void Finish(int m, Aggregate& out);

 private:
  struct ClassChange {
    ClassId actual = kNoClass;
    ClassId predicted = kNoClass;
    std::int32_t count = 0;
  };

  void AddLabel(const LabelChange& label, int m, Aggregate& out);
  void FinishClasses(Aggregate& out);

  static constexpr std::size_t kBins = score_grid::BinCount(score_grid::kFine);
  using Bins = std::array<std::uint64_t, kBins / 64 + 1>;  // A bit for each.
  static void Mark(std::uint16_t bin, Bins& bins) {
    bins[bin / 64] |= std::uint64_t{1} << bin % 64;
  }
  std::array<std::uint16_t, kBins> coarse_;  // Of each fine bin, the coarse one.
  std::array<std::int32_t, kBins> scored_{};
  std::array<LabeledCount, kBins> labeled_{};
  Bins used_{};
  Bins used_by_labels_{};

  const ClassNames& classes_;
  std::vector<ClassChange> class_changes_;   // Of each label, as they came.
  std::vector<LabeledClasses::Pair> pairs_;  // Reused.
};

}  // namespace guardwatch
