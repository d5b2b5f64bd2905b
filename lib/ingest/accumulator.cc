#include "ingest/accumulator.h"

#include <array>
#include <charconv>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/hash.h"
#include "ingest/series_fold.h"

namespace guardwatch {

namespace {

// Assigning {} would empty it and keep its memory.
template <class Container>
void GiveBack(Container& container) {
  container = Container();
}

std::string ShortestText(double value) {
  std::array<char, 32> digits{};
  return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr};
}

}  // namespace

void EventCell::Clear() {
  auto bins = std::move(score_bins);
  auto changes = std::move(labels);
  auto times = std::move(latency);
  bins.clear();
  changes.clear();
  times.Clear();
  *this = {};
  score_bins = std::move(bins);
  labels = std::move(changes);
  latency = std::move(times);
}

Accumulator::Accumulator(const ClassNames& classes)
    : fold_(std::make_unique<SeriesFold>(classes)) {}

Accumulator::~Accumulator() = default;

std::size_t Accumulator::HashOfKey::operator()(const Key& key) const {
  return Mix64(static_cast<std::uint64_t>(key.pane) * 0x9e3779b97f4a7c15ULL + key.id);
}

EventCell& Accumulator::Find(EventShape& shape, PaneIndex pane) {
  const auto [at, added] = index_.try_emplace(Key{shape.id, pane}, used_);
  if (added) {
    if (used_ == cells_.size()) cells_.emplace_back();
    EventCell& cell = cells_[used_++];
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

std::size_t Accumulator::DeltaOf(SeriesId series, PaneIndex pane, ShardBatch& batch) {
  const auto [at, added] =
      deltas_.try_emplace(Key{series, pane}, static_cast<std::uint32_t>(batch.deltas.size()));
  if (added) {
    batch.deltas.push_back({series, pane, {}});
    lists_.emplace_back();
  }
  return at->second;
}

void Accumulator::Enlist(std::uint32_t cell, ShardBatch& batch) {
  const SeriesSet& series = cells_[cell].shape->series;
  const auto enlist = [&](SeriesId id, bool whole) {
    Members& list = lists_[DeltaOf(id, cells_[cell].pane, batch)];
    list.whole = whole;
    members_.push_back({cell, list.first});
    list.first = static_cast<std::uint32_t>(members_.size() - 1);
  };
  enlist(series.whole, true);
  for (std::size_t i = 0; i < series.slice_count; ++i) enlist(series.slices[i], false);
}

void Accumulator::TallyVerdicts(ShardBatch& batch) const {
  std::map<SeriesId, VerdictTally> tallies;
  for (std::uint32_t i = 0; i < used_; ++i) {
    const EventCell& cell = cells_[i];
    if (cell.verdicts == decltype(cell.verdicts){}) continue;
    VerdictTally& tally = tallies[cell.shape->series.whole];
    tally.series = cell.shape->series.whole;
    for (std::size_t v = 0; v < cell.verdicts.size(); ++v) tally.verdicts[v] += cell.verdicts[v];
  }
  for (const auto& [series, tally] : tallies) batch.verdicts.push_back(tally);
}

void Accumulator::TallyEpochs(ShardBatch& batch) const {
  std::map<std::tuple<SeriesId, PaneIndex, std::string_view>, std::int64_t> policies;
  std::map<std::tuple<SeriesId, PaneIndex, double>, std::int64_t> thresholds;
  for (std::uint32_t i = 0; i < used_; ++i) {
    const EventCell& cell = cells_[i];
    if (cell.scored == 0) continue;
    const EventShape& shape = *cell.shape;
    const SeriesId series = shape.series.whole;
    if (!shape.policy_version.empty()) {
      policies[{series, cell.pane, shape.policy_version}] += cell.scored;
    }
    if (shape.threshold) thresholds[{series, cell.pane, *shape.threshold}] += cell.scored;
  }
  using Field = EpochTally::Field;
  for (const auto& [key, count] : policies) {
    const auto& [series, pane, value] = key;
    batch.epochs.push_back({Field::kPolicyVersion, series, pane, std::string(value), count});
  }
  for (const auto& [key, count] : thresholds) {
    const auto& [series, pane, value] = key;
    batch.epochs.push_back({Field::kThreshold, series, pane, ShortestText(value), count});
  }
}

// A flush that needs less than a quarter halves what is kept.
void Accumulator::GiveBackMemory() {
  constexpr std::size_t kFewest = 4096;
  if (cells_.size() <= kFewest || used_ >= cells_.size() / 4) return;
  cells_.resize(cells_.size() / 2);
  cells_.shrink_to_fit();
  GiveBack(index_);
  GiveBack(deltas_);
  GiveBack(lists_);
  GiveBack(members_);
}

void Accumulator::FlushInto(ShardBatch& batch) {
  members_.assign(1, {});
  for (std::uint32_t i = 0; i < used_; ++i) Enlist(i, batch);
  for (std::size_t d = 0; d < lists_.size(); ++d) {
    const int m = lists_[d].whole ? score_grid::kFine : score_grid::kCoarse;
    Aggregate& change = batch.deltas[d].change;
    for (std::uint32_t at = lists_[d].first; at != 0; at = members_[at].next) {
      // Cells stand all over memory: the one after the next is asked for, then what it leads to.
      const Member& next = members_[members_[at].next];
      Prefetch(&cells_[members_[next.next].cell], sizeof(EventCell) / kCacheLine);
      const EventCell& coming = cells_[next.cell];
      if (!coming.score_bins.empty()) Prefetch(coming.score_bins.data());
      if (!coming.labels.empty()) Prefetch(coming.labels.data(), 2);
      fold_->Add(cells_[members_[at].cell], m, change);
    }
    fold_->Finish(m, change);
  }
  TallyVerdicts(batch);
  TallyEpochs(batch);
  for (const PaneDelta& delta : invalid_) {
    batch.deltas[DeltaOf(delta.series, delta.pane, batch)].change += delta.change;
  }
  for (std::uint32_t i = 0; i < used_; ++i) cells_[i].Clear();
  GiveBackMemory();
  invalid_.clear();
  index_.clear();
  deltas_.clear();
  lists_.clear();
  used_ = 0;
  ++flush_;
}

}  // namespace guardwatch
