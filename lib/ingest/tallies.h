#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/hash.h"
#include "ingest/entries.h"
#include "window/batch.h"

namespace guardwatch {

// Counters of what became of labels and decision events, by the unit that they name, which need not
// be one that has scores. Bounded: names beyond the limit share a row.
class Tallies {
 public:
  Tallies(std::size_t max_rows, HashSeed seed) : max_rows_(max_rows), hasher_(seed) {}

  TallyIndex RowOf(std::string_view guardrail, std::string_view category);

  std::size_t rows() const { return labels_.size(); }
  std::pair<std::string_view, std::string_view> NameOf(TallyIndex row) const {
    return {labels_[row].guardrail, labels_[row].category};
  }

  void Count(TallyIndex row, LabelOutcome outcome, std::int64_t n = 1) {
    labels_[row].outcomes[static_cast<std::size_t>(outcome)] += n;
    rows_touched_ = true;
  }
  DecisionOutcomes& Decisions(TallyIndex row) {
    rows_touched_ = true;
    return decisions_[row].outcomes;
  }

  // Adds the rows that are not zero to `batch` and starts afresh; rows keep their index.
  void FlushInto(ShardBatch& batch);

 private:
  std::size_t max_rows_;
  const KeyedHasher hasher_;  // That nothing was added to.
  boost::unordered_flat_map<Hash128, TallyIndex, FirstHalf> index_;
  std::vector<LabelTally> labels_;
  std::vector<DecisionTally> decisions_;
  bool rows_touched_ = false;
};

}  // namespace guardwatch
