#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "detect/record.h"
#include "monitor/drift_watch.h"

// The durable state of drift watches: one record per unit and variant. Each detector stands in a
// part of its own, so that one which was saved under other options can be passed over.

namespace guardwatch {
namespace {

// A part that was saved under other options leaves the watch as it is, which is false; one that
// makes no sense makes `in` bad.
template <class Watch>
bool LoadPart(ByteReader& in, Watch& watch, const Watch& fresh) {
  ByteReader part(in.Text());
  const bool loaded = watch.Load(part);
  if (!loaded) watch = fresh;
  if (part.bad()) in.Refuse();
  return loaded;
}

template <class Watch>
void SavePart(ByteWriter& out, const Watch& watch) {
  ByteWriter part;
  watch.Save(part);
  out.Text(part.bytes());
}

void WriteActive(ByteWriter& out, const ActiveDrift& drift) {
  out.Text(drift.stream);
  out.Text(drift.version);
  out.Text(drift.dimension);
  out.Varint(drift.cohorts.size());
  for (const NamedCohort& cohort : drift.cohorts) {
    out.Text(cohort.cohort);
    out.Byte(static_cast<std::uint8_t>(cohort.direction));
    out.Real(cohort.evidence);
    out.Real(cohort.usual);
    out.Signed(cohort.since.n);
    out.Signed(cohort.since.s);
    out.Signed(cohort.change_pane);
  }
  out.Signed(drift.alarm.alarm.pane);
  out.Byte(static_cast<std::uint8_t>(drift.alarm.alarm.direction));
  out.Real(drift.alarm.alarm.evidence);
  out.Real(drift.alarm.alarm.threshold);
  out.Signed(drift.alarm.alarm.change_pane);
  out.Signed(drift.alarm.pane_width.count());
  out.Real(drift.alarm.usual);
  out.Text(drift.alarm.detail);
  out.Byte(static_cast<std::uint8_t>(drift.alarm.detector));
  out.Time(drift.alarm.reference.from);
  out.Time(drift.alarm.reference.to);
  out.Signed(drift.alarm.reference.events);
  out.Time(drift.alarm.input_from);
  out.Time(drift.raised);
  out.Time(drift.changed);
  out.Time(drift.hot);
  out.Byte(static_cast<std::uint8_t>(drift.verdict));
  out.Time(drift.judged);
  out.Signed(drift.labels);
}

void WriteEpisode(ByteWriter& out, const DriftEpisode& episode) {
  out.Bool(episode.alerting);
  out.Time(episode.began);
  out.Time(episode.ended);
}

DriftEpisode ReadEpisode(ByteReader& in) {
  DriftEpisode episode;
  episode.alerting = in.Bool();
  episode.began = in.Time();
  episode.ended = in.Time();
  return episode;
}

constexpr int kDirections = 3;

ActiveDrift ReadActive(ByteReader& in) {
  ActiveDrift drift;
  drift.stream = StreamNamed(in.Text());
  if (drift.stream.empty()) in.Refuse();
  drift.version = in.Text();
  drift.dimension = in.Text();
  for (std::size_t left = in.Count(); left > 0 && !in.bad(); --left) {
    NamedCohort cohort;
    cohort.cohort = in.Text();
    cohort.direction = in.Enumerator<Direction>(kDirections);
    cohort.evidence = in.Real();
    cohort.usual = in.Real();
    cohort.since.n = in.Signed();
    cohort.since.s = in.Signed();
    cohort.change_pane = in.Signed();
    drift.cohorts.push_back(std::move(cohort));
  }
  drift.alarm.stream = drift.stream;
  drift.alarm.alarm.pane = in.Signed();
  drift.alarm.alarm.direction = in.Enumerator<Direction>(kDirections);
  drift.alarm.alarm.evidence = in.Real();
  drift.alarm.alarm.threshold = in.Real();
  drift.alarm.alarm.change_pane = in.Signed();
  drift.alarm.pane_width = Duration(in.Signed());
  if (drift.alarm.pane_width <= Duration{}) in.Refuse();
  drift.alarm.usual = in.Real();
  drift.alarm.detail = in.Text();
  drift.alarm.detector = in.Enumerator<DriftDetector>(kDriftDetectors);
  drift.alarm.reference.from = in.Time();
  drift.alarm.reference.to = in.Time();
  drift.alarm.reference.events = in.Signed();
  drift.alarm.input_from = in.Time();
  drift.raised = in.Time();
  drift.changed = in.Time();
  drift.hot = in.Time();
  drift.verdict = in.Enumerator<DriftVerdict>(kDriftVerdicts);
  drift.judged = in.Time();
  drift.labels = in.Signed();
  return drift;
}

}  // namespace

void VersionWatch::Save(ByteWriter& out) const {
  out.Fixed(given_);
  WritePeriod(out, options_.period);
  out.Varint(watches_.size());
  for (const StreamWatch& watch : watches_) SavePart(out, watch);
  out.Bool(first_pane_.has_value());
  if (first_pane_) out.Signed(*first_pane_);
  out.Varint(reference_.cells().size());
  for (const HistogramCell& cell : reference_.cells()) {
    out.Varint(cell.bin);
    out.Signed(cell.scored);
  }
  out.Bool(groups_.has_value());
  if (groups_) {
    out.Varint(groups_->last.size());
    for (const std::uint16_t last : groups_->last) out.Varint(last);
    for (const StreamWatch& watch : group_watches_) SavePart(out, watch);
  }
  out.Signed(arrived_);
  out.Text(predecessor_);
  for (const auto& comparison : comparisons_) {
    out.Bool(comparison.has_value());
    if (comparison) SavePart(out, *comparison);
  }
  for (const auto* next : {&next_fine_, &next_coarse_}) {
    out.Bool(next->has_value());
    if (*next) out.Signed(**next);
  }
  SavePart(out, known_change_);
  SavePart(out, threshold_change_);
  SavePart(out, quality_);
}

bool VersionWatch::Load(ByteReader& in) {
  constexpr std::uint64_t kBins = score_grid::BinCount(score_grid::kFine);
  // Another baseline than the one it was armed with is configured now: the operator's decision, so
  // the watch begins anew. If none is configured any more, the one that is known stays.
  const auto given = in.Fixed<std::uint64_t>();
  if (given_ != 0 && given != given_) return !in.bad();
  given_ = given;
  options_.period = ReadPeriod(in);
  if (in.Varint() != watches_.size()) return false;
  const auto streams = DriftStreams();
  for (std::size_t i = 0; i < watches_.size(); ++i) {
    if (!LoadPart(in, watches_[i], StreamWatch(watches_[i]))) anew_.insert(streams[i].name);
  }
  if (in.Bool()) first_pane_ = in.Signed();
  for (std::size_t left = in.Count(); left > 0 && !in.bad(); --left) {
    HistogramCell cell;
    const std::uint64_t bin = in.Varint();
    if (bin >= kBins) return false;
    cell.bin = static_cast<std::uint16_t>(bin);
    cell.scored = in.Signed();
    reference_.Set(cell);
  }
  if (in.Bool()) {
    groups_.emplace();
    group_watches_.clear();  // Of the given baseline, of which these are the continuation.
    for (std::size_t left = in.Count(); left > 0 && !in.bad(); --left) {
      const std::uint64_t last = in.Varint();
      const bool ascends = groups_->last.empty() || last > groups_->last.back();
      if (last >= kBins || !ascends) return false;
      groups_->last.push_back(static_cast<std::uint16_t>(last));
    }
    if (groups_->last.empty() || groups_->last.back() != kBins - 1) return false;
    for (std::size_t i = 0; i < groups_->last.size(); ++i) {
      group_watches_.push_back(NewGroupWatch(groups_->last.size()));
      if (!LoadPart(in, group_watches_.back(), StreamWatch(group_watches_.back()))) {
        anew_.insert(kScoreDistribution);
      }
    }
  }
  arrived_ = in.Signed();
  predecessor_ = in.Text();
  for (std::size_t i = 0; i < comparisons_.size() && !in.bad(); ++i) {
    if (!in.Bool()) continue;
    comparisons_[i].emplace(ThresholdOf(streams[i]), kLeastLiftOfVersions, streams[i].direction);
    LoadPart(in, *comparisons_[i], TwoSampleDetector(*comparisons_[i]));
  }
  for (auto* next : {&next_fine_, &next_coarse_}) {
    if (in.Bool()) *next = in.Signed();
  }
  LoadPart(in, known_change_, KnownChange(known_change_));
  LoadPart(in, threshold_change_, ThresholdChange(threshold_change_));
  if (!LoadPart(in, quality_, QualityWatch(quality_))) {
    anew_.insert({kCalibration, kLogLoss, kBrier, kRocAuc});
  }
  return in.done();
}

void DriftWatch::TakeChanges(StateChanges& out) {
  const auto key_of = [](const UnitId& id) {
    return KeyWriter()
        .Name(id.unit.guardrail)
        .Name(id.unit.category)
        .Number(static_cast<std::uint32_t>(id.variant))
        .Take();
  };
  for (const UnitId& id : std::exchange(forgotten_, {})) out.Erase(key_of(id));
  for (auto& [id, unit] : units_) {
    if (!std::exchange(unit.changed, false)) continue;
    ByteWriter record;
    record.Varint(unit.versions.size());
    for (const auto& [version, watch] : unit.versions) {
      record.Text(version);
      SavePart(record, *watch);
    }
    record.Varint(unit.cohorts.size());
    for (const auto& [key, watch] : unit.cohorts) {
      record.Text(key.first);
      record.Text(key.second);
      SavePart(record, watch);
    }
    record.Varint(unit.active.size());
    for (const auto& [key, drift] : unit.active) WriteActive(record, drift);
    WriteEpisode(record, unit.episode);
    out.Put(key_of(id), record.Take());
  }
  if (!std::exchange(stepped_, false)) return;
  ByteWriter record;
  WriteEpisode(record, outage_);
  record.Time(sealed_at_);
  record.Time(matured_at_);
  out.Put("", record.Take());
}

bool DriftWatch::LoadWhole(std::string_view value) {
  ByteReader in(value);
  outage_ = ReadEpisode(in);
  sealed_at_ = in.Time();
  matured_at_ = in.Time();
  return in.done();
}

bool DriftWatch::Load(const StateRecord& record, Duration coarse) {
  if (record.key.empty()) return LoadWhole(record.value);
  KeyReader key(record.key);
  UnitId id;
  id.unit.source = source_.name;
  id.unit.guardrail = key.Name();
  id.unit.category = key.Name();
  const std::uint32_t variant = key.Number32();
  if (!key.done() || variant > 1) return false;
  id.variant = static_cast<Variant>(variant);
  Unit& unit = units_[id];
  ByteReader in(record.value);
  for (std::size_t left = in.Count(); left > 0 && !in.bad(); --left) {
    const std::string version(in.Text());
    ByteReader part(in.Text());
    auto& watch = unit.versions[version];
    const SeriesKey series{id.unit, version, id.variant, Slice{}};
    watch = std::make_unique<VersionWatch>(options_.drift, coarse, Budget(), GivenFor(series));
    if (!watch->Load(part)) return false;
  }
  for (std::size_t left = in.Count(); left > 0 && !in.bad(); --left) {
    const std::string_view stream = StreamNamed(in.Text());
    const std::string dimension(in.Text());
    if (stream.empty()) return false;
    CohortWatch& watch = CohortsOf(unit, stream, dimension, coarse);
    if (!LoadPart(in, watch, CohortWatch(watch))) unit.anew.emplace(stream, dimension);
  }
  for (std::size_t left = in.Count(); left > 0 && !in.bad(); --left) {
    ActiveDrift drift = ReadActive(in);
    if (!in.bad()) unit.active[KeyOf(drift)] = std::move(drift);
  }
  unit.episode = ReadEpisode(in);
  return in.done();
}

}  // namespace guardwatch
