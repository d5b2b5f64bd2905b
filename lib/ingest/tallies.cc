#include "ingest/tallies.h"

#include "window/series.h"

namespace guardwatch {

TallyIndex Tallies::RowOf(std::string_view guardrail, std::string_view category) {
  KeyedHasher hasher = hasher_;
  hasher.Add(guardrail);
  hasher.Add(category);
  const Hash128 name = hasher.Finish();
  if (const auto known = index_.find(name); known != index_.end()) return known->second;
  const bool reserved = guardrail == kOther && category.empty();
  if (index_.size() >= max_rows_ && !reserved) return RowOf(kOther, "");
  const auto row = static_cast<TallyIndex>(labels_.size());
  index_.emplace(name, row);
  labels_.push_back({std::string(guardrail), std::string(category), {}});
  decisions_.push_back({std::string(guardrail), std::string(category), {}});
  return row;
}

void Tallies::FlushInto(ShardBatch& batch) {
  if (!rows_touched_) return;
  rows_touched_ = false;
  for (std::size_t row = 0; row < labels_.size(); ++row) {
    if (labels_[row].outcomes != decltype(LabelTally::outcomes){}) {
      batch.labels.push_back(labels_[row]);
      labels_[row].outcomes = {};
    }
    if (decisions_[row].outcomes != DecisionOutcomes{}) {
      batch.decisions.push_back(decisions_[row]);
      decisions_[row].outcomes = {};
    }
  }
}

}  // namespace guardwatch
