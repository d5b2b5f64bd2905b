#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "ingest/event_shapes.h"
#include "window/batch.h"

namespace guardwatch {

// Combines the changes of one flush interval. An event adds to one cell, that of its shape and
// pane; what a cell holds is spread over the whole and its slices once, at the flush. Memory is
// kept from flush to flush.
class Accumulator {
 public:
  struct Cell {
    EventShape* shape = nullptr;
    PaneIndex pane = 0;
    Aggregate change;  // On the fine score grid, for slices too; its scores are not in it yet.
    std::vector<std::uint16_t> score_bins;  // Of each score, in the order of arrival.
    std::array<std::int64_t, kVerdicts> verdicts{};
    std::int64_t arrived = 0;  // Scored events, for epochs.
  };

  // The changes to a shape's pane so far. Valid until the next call.
  Cell& At(EventShape& shape, PaneIndex pane) {
    if (shape.cell_flush == flush_ && shape.cell_pane == pane) return cells_[shape.cell];
    return Find(shape, pane);
  }

  // Counts a score outside [0, 1]: it has series but no shape.
  void CountInvalid(const SeriesSet& series, PaneIndex pane);

  // Moves everything into `batch` and starts afresh.
  void FlushInto(ShardBatch& batch);

 private:
  struct Key {
    std::uint32_t id = 0;  // Of a shape or a series.
    PaneIndex pane = 0;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct HashOfKey {
    std::size_t operator()(const Key& key) const;
  };

  Cell& Find(EventShape& shape, PaneIndex pane);
  Aggregate& DeltaOf(SeriesId series, PaneIndex pane, ShardBatch& batch);
  void FoldScores(Cell& cell);
  void SpreadInto(Cell& cell, ShardBatch& batch);
  void TallyEpochs(const Cell& cell, ShardBatch& batch);

  std::uint64_t flush_ = 1;
  std::deque<Cell> cells_;  // The first used_ are in use.
  std::size_t used_ = 0;
  boost::unordered_flat_map<Key, std::uint32_t, HashOfKey> index_;   // Into cells_, by shape.
  boost::unordered_flat_map<Key, std::uint32_t, HashOfKey> deltas_;  // Into the batch, by series.
  std::vector<PaneDelta> invalid_;
  std::vector<std::int64_t> bin_counts_;  // By bin; all zero between two uses.
};

}  // namespace guardwatch
