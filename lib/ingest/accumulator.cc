#include "ingest/accumulator.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/hash.h"

namespace guardwatch {

std::size_t Accumulator::HashOfKey::operator()(const Key& key) const {
  return Mix64(static_cast<std::uint64_t>(key.pane) * 0x9e3779b97f4a7c15ULL + key.id);
}

Accumulator::Cell& Accumulator::Find(EventShape& shape, PaneIndex pane) {
  const auto [at, added] =
      index_.try_emplace(Key{shape.id, pane}, static_cast<std::uint32_t>(used_));
  if (added) {
    if (used_ == cells_.size()) cells_.emplace_back();
    Cell& cell = cells_[used_++];
    cell.shape = &shape;
    cell.pane = pane;
  }
  shape.cell_flush = flush_;
  shape.cell_pane = pane;
  shape.cell = at->second;
  return cells_[at->second];
}

void Accumulator::CountInvalid(const SeriesSet& series, PaneIndex pane) {
  const auto count = [&](SeriesId id) {
    invalid_.push_back({id, pane, {}});
    invalid_.back().change.invalid_scores = 1;
  };
  count(series.whole);
  for (std::size_t i = 0; i < series.slice_count; ++i) count(series.slices[i]);
}

Aggregate& Accumulator::DeltaOf(SeriesId series, PaneIndex pane, ShardBatch& batch) {
  const auto [at, added] =
      deltas_.try_emplace(Key{series, pane}, static_cast<std::uint32_t>(batch.deltas.size()));
  if (added) batch.deltas.push_back({series, pane, {}});
  return batch.deltas[at->second].change;
}

// Brings the scores into the histogram, bin by bin in their order: many are counted in a row of all
// bins, few are sorted.
void Accumulator::FoldScores(Cell& cell) {
  constexpr std::size_t kMany = 256;
  std::vector<std::uint16_t>& bins = cell.score_bins;
  ScoreHistogram& histogram = cell.change.histogram;
  if (bins.size() < kMany) {
    std::sort(bins.begin(), bins.end());
    for (auto at = bins.begin(); at != bins.end();) {
      const auto next = std::find_if(at, bins.end(), [&](std::uint16_t bin) { return bin != *at; });
      histogram.AddScore(*at, static_cast<int>(next - at));
      at = next;
    }
  } else {
    bin_counts_.resize(score_grid::BinCount(score_grid::kFine));
    for (const std::uint16_t bin : bins) ++bin_counts_[bin];
    for (std::size_t bin = 0; bin < bin_counts_.size(); ++bin) {
      if (bin_counts_[bin] == 0) continue;
      histogram.AddScore(static_cast<std::uint16_t>(bin), static_cast<int>(bin_counts_[bin]));
      bin_counts_[bin] = 0;
    }
  }
  bins.clear();
}

void Accumulator::SpreadInto(Cell& cell, ShardBatch& batch) {
  const SeriesSet& series = cell.shape->series;
  DeltaOf(series.whole, cell.pane, batch) += cell.change;
  if (series.slice_count == 0) return;
  ScoreHistogram fine =
      std::exchange(cell.change.histogram, cell.change.histogram.Coarsened(score_grid::kFine));
  for (std::size_t i = 0; i < series.slice_count; ++i) {
    DeltaOf(series.slices[i], cell.pane, batch) += cell.change;
  }
  cell.change.histogram = std::move(fine);  // Its memory is for the next flush.
}

void Accumulator::TallyEpochs(const Cell& cell, ShardBatch& batch) {
  if (cell.arrived == 0) return;
  const EventShape& shape = *cell.shape;
  const auto tally = [&](EpochTally::Field field, const std::string& value) {
    if (value.empty()) return;
    batch.epochs.push_back({field, shape.series.whole, cell.pane, value, cell.arrived});
  };
  tally(EpochTally::Field::kPolicyVersion, shape.policy_version);
  tally(EpochTally::Field::kThreshold, shape.threshold_text);
}

void Accumulator::FlushInto(ShardBatch& batch) {
  std::map<SeriesId, VerdictTally> verdicts;
  for (std::size_t i = 0; i < used_; ++i) {
    Cell& cell = cells_[i];
    FoldScores(cell);
    SpreadInto(cell, batch);
    TallyEpochs(cell, batch);
    if (cell.verdicts != decltype(cell.verdicts){}) {
      VerdictTally& tally = verdicts[cell.shape->series.whole];
      tally.series = cell.shape->series.whole;
      for (std::size_t v = 0; v < cell.verdicts.size(); ++v) tally.verdicts[v] += cell.verdicts[v];
    }
    cell.change.Clear();
    cell.verdicts = {};
    cell.arrived = 0;
  }
  for (const PaneDelta& delta : invalid_) {
    DeltaOf(delta.series, delta.pane, batch) += delta.change;
  }
  for (const auto& [series, tally] : verdicts) batch.verdicts.push_back(tally);
  invalid_.clear();
  index_.clear();
  deltas_.clear();
  used_ = 0;
  ++flush_;
}

}  // namespace guardwatch
