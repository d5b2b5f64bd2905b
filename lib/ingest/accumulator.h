#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "window/batch.h"

namespace guardwatch {

// Combines the changes of one flush interval: one Aggregate per (series, pane) touched.
class Accumulator {
 public:
  // The change to a series' pane so far. Valid until the next call.
  Aggregate& At(SeriesId series, PaneIndex pane);

  // Counts one value of a field whose change is an epoch. A pane keeps a few values; more are
  // ignored.
  void CountEpoch(EpochTally::Field field, SeriesId series, PaneIndex pane, std::string_view value);
  void CountVerdict(SeriesId series, Verdict verdict);

  // Moves everything into `batch` and starts afresh.
  void FlushInto(ShardBatch& batch);

 private:
  struct Key {
    SeriesId series = 0;
    PaneIndex pane = 0;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct HashOfKey {
    std::size_t operator()(const Key& key) const;
  };

  boost::unordered_flat_map<Key, std::uint32_t, HashOfKey> slots_;  // Index into deltas_.
  std::vector<PaneDelta> deltas_;
  boost::unordered_flat_map<Key, std::vector<EpochTally>, HashOfKey> epochs_;
  boost::unordered_flat_map<SeriesId, VerdictTally> verdicts_;
};

}  // namespace guardwatch
