#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/int128.h"
#include "base/prefetch.h"
#include "ingest/event_shapes.h"
#include "stats/latency_histogram.h"
#include "window/batch.h"

namespace guardwatch {

class SeriesFold;

// A label that came, changed or went, or a decision that changed under one.
struct LabelChange {
  enum class Decision : std::uint8_t { kUndecided, kAllowed, kFlagged };

  std::optional<Score> score;
  std::uint32_t loss = 0;    // Of the score, 2^-24 nats.
  std::uint32_t weight = 0;  // 0: not known.
  ClassId actual = kNoClass;
  std::int8_t sign = 1;
  bool positive = false;
  bool only_confusion = false;  // The label itself stays as it was.
  Decision decision = Decision::kUndecided;
};

// What the events of one shape have added to one pane since the last flush. Small, since every
// event goes to one of thousands of them; a flush brings it into the form that everything else
// uses.
struct alignas(kCacheLine) EventCell {
  EventShape* shape = nullptr;
  PaneIndex pane = 0;

  std::int32_t scored = 0;
  std::int32_t decided = 0;
  std::int32_t flagged = 0;
  std::int32_t with_threshold = 0;
  std::int32_t in_band = 0;
  std::int32_t errors = 0;
  std::int32_t undecided = 0;
  std::int32_t saturated = 0;
  std::int32_t sampled = 0;
  std::array<std::int32_t, kVerdicts> verdicts{};
  std::int64_t score_q = 0;
  Int128 score_q_squared = 0;

  std::vector<std::uint16_t> score_bins;  // Of each score, on the fine grid, as they came.
  std::vector<LabelChange> labels;
  LatencyHistogram latency;

  // One verdict more, for counters.
  void Count(Verdict verdict) { ++verdicts[static_cast<std::size_t>(verdict)]; }
  void Clear();  // Keeps memory for the next use.
};

// Combines the changes of one flush interval. An event adds to one cell, that of its shape and
// pane; at the flush the cells of each series are folded into its change. Memory is kept from
// flush to flush, as long as flushes need it: catching up takes many times more than what follows.
class Accumulator {
 public:
  explicit Accumulator(const ClassNames& classes);  // Must outlive it.
  ~Accumulator();

  // The changes to a shape's pane so far. Valid until the next call.
  EventCell& At(EventShape& shape, PaneIndex pane) {
    if (shape.cell_flush == flush_ && shape.cell_pane == pane) return cells_[shape.cell];
    return Find(shape, pane);
  }

  // Asks the processor for the memory that At will give out next for this shape.
  void AskFor(const EventShape& shape) const {
    if (shape.cell_flush != flush_) return;
    Prefetch(&cells_[shape.cell], sizeof(EventCell) / kCacheLine);
  }

  // The same for the memory that this cell leads to.
  void AskForBins(const EventShape& shape) const {
    if (shape.cell_flush != flush_) return;
    const std::vector<std::uint16_t>& bins = cells_[shape.cell].score_bins;
    Prefetch(bins.data() + bins.size());
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
  // The cells of one change of the batch, as a list in members_.
  struct Member {
    std::uint32_t cell = 0;
    std::uint32_t next = 0;
  };
  struct Members {
    std::uint32_t first = 0;
    bool whole = false;
  };

  EventCell& Find(EventShape& shape, PaneIndex pane);
  std::size_t DeltaOf(SeriesId series, PaneIndex pane, ShardBatch& batch);
  void Enlist(std::uint32_t cell, ShardBatch& batch);
  void TallyVerdicts(ShardBatch& batch) const;
  void TallyEpochs(ShardBatch& batch) const;
  void GiveBackMemory();

  std::uint64_t flush_ = 1;
  std::vector<EventCell> cells_;  // The first used_ are in use.
  std::uint32_t used_ = 0;
  boost::unordered_flat_map<Key, std::uint32_t, HashOfKey> index_;   // Into cells_, by shape.
  boost::unordered_flat_map<Key, std::uint32_t, HashOfKey> deltas_;  // Into the batch, by series.
  std::vector<Members> lists_;                                       // By change of the batch.
  std::vector<Member> members_;                                      // The first is no member.
  std::vector<PaneDelta> invalid_;
  std::unique_ptr<SeriesFold> fold_;
};

}  // namespace guardwatch
