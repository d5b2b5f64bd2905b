#include "ingest/accumulator.h"

#include <utility>

#include "base/hash.h"

namespace guardwatch {
namespace {

constexpr std::size_t kMaxEpochValues = 16;  // Per series, pane and flush.

}  // namespace

std::size_t Accumulator::HashOfKey::operator()(const Key& key) const {
  return Mix64(static_cast<std::uint64_t>(key.pane) * 0x9e3779b97f4a7c15ULL + key.series);
}

Aggregate& Accumulator::At(SeriesId series, PaneIndex pane) {
  const auto [at, added] =
      slots_.emplace(Key{series, pane}, static_cast<std::uint32_t>(deltas_.size()));
  if (added) deltas_.push_back({series, pane, {}});
  return deltas_[at->second].change;
}

void Accumulator::CountEpoch(EpochTally::Field field, SeriesId series, PaneIndex pane,
                             std::string_view value) {
  std::vector<EpochTally>& tallies = epochs_[Key{series, pane}];
  for (EpochTally& tally : tallies) {
    if (tally.field == field && tally.value == value) {
      ++tally.count;
      return;
    }
  }
  if (tallies.size() < kMaxEpochValues) {
    tallies.push_back({field, series, pane, std::string(value), 1});
  }
}

void Accumulator::CountVerdict(SeriesId series, Verdict verdict) {
  VerdictTally& tally = verdicts_[series];
  tally.series = series;
  ++tally.verdicts[static_cast<std::size_t>(verdict)];
}

void Accumulator::FlushInto(ShardBatch& batch) {
  batch.deltas = std::exchange(deltas_, {});
  deltas_.reserve(batch.deltas.size());
  slots_.clear();
  for (auto& [key, tallies] : epochs_) {
    for (EpochTally& tally : tallies) batch.epochs.push_back(std::move(tally));
  }
  epochs_.clear();
  for (const auto& [series, tally] : verdicts_) batch.verdicts.push_back(tally);
  verdicts_.clear();
}

}  // namespace guardwatch
