#include <algorithm>
#include <utility>

#include "monitor/drift_watch.h"

// What labels, once they have matured, say about a drift that showed without them.

namespace guardwatch {
namespace {

constexpr double kCalm = 0.5;  // Share of the threshold.

// Whether labels can speak about it: it shows in the scores of the whole traffic. Decisions that
// change while scores do not are the policy's, whatever the labels say.
bool IsAboutScores(const ActiveDrift& drift, bool scores_moved) {
  if (!drift.dimension.empty()) return false;
  if (drift.stream == kScoreDistribution) return true;
  if (drift.stream == "band_share" || drift.stream == "saturated_share") return true;
  return drift.stream == kFailRate && scores_moved;
}

// Matured labels of the version since the change, per score bin.
BinCounts LabelsSince(const SourceMonitor& source, const SeriesKey& key, EventTime changed,
                      EventTime matured) {
  BinCounts sum{};
  const auto whole = source.subjects().find({key.unit, key.variant, Slice{}});
  if (whole == source.subjects().end()) return sum;
  const Duration coarse = source.grid().coarse;
  const PaneIndex first = PaneOf(changed + coarse - Duration(1), coarse);
  for (const Series* series : whole->second) {
    if (series->key().model_version != key.model_version) continue;
    const PaneIndex end = PaneOf(matured, coarse);
    series->coarse().ForEach(first, end, [&](PaneIndex, const Aggregate& pane) {
      const BinCounts counts = QualityWatch::BinsOf(pane);
      for (std::size_t i = 0; i < sum.size(); ++i) {
        sum[i].n += counts[i].n;
        sum[i].s += counts[i].s;
      }
    });
  }
  return sum;
}

}  // namespace

std::string_view ToString(DriftVerdict verdict) {
  switch (verdict) {
    case DriftVerdict::kOpen:
      return "open";
    case DriftVerdict::kConfirmed:
      return "confirmed";
    case DriftVerdict::kWithdrawn:
      return "withdrawn";
  }
  return "";
}

void DriftWatch::Judge(const SourceMonitor& source, EventTime now) {
  for (auto& [id, unit] : units_) {
    if (!unit.active.empty()) JudgeUnit(source, id, unit, now);
  }
}

// By the calibration, since losses, ranks, recall and the like follow the mix of traffic even where
// every score is as right as before. Confirmed: it drifts too. Withdrawn: it is not on its way to,
// although a change that matters would have shown in the labels by now.
void DriftWatch::JudgeUnit(const SourceMonitor& source, const UnitId& id, Unit& unit,
                           EventTime now) {
  const auto any = [&](const std::string& version, const auto& which) {
    return std::any_of(unit.active.begin(), unit.active.end(), [&](const auto& entry) {
      const ActiveDrift& other = entry.second;
      return other.dimension.empty() && other.version == version && other.raised <= matured_at_ &&
             which(other.stream);
    });
  };
  for (auto& [key, drift] : unit.active) {
    const bool scores_moved = any(drift.version, [](std::string_view stream) {
      return stream == kScoreDistribution || stream == "band_share";
    });
    if (drift.verdict == DriftVerdict::kConfirmed || !IsAboutScores(drift, scores_moved)) continue;
    if (drift.raised > matured_at_) continue;  // Sealed panes may be far ahead.
    const auto watch = unit.versions.find(drift.version);
    if (watch == unit.versions.end()) continue;
    const bool worse =
        any(drift.version, [](std::string_view stream) { return stream == kCalibration; });
    if (drift.verdict == DriftVerdict::kWithdrawn && !worse) continue;
    const BinCounts since =
        LabelsSince(source, {id.unit, drift.version, id.variant, Slice{}}, drift.changed, now);
    const bool fine =
        watch->second->Heat(kCalibration) < kCalm && watch->second->quality().WouldHaveSeen(since);
    if (!worse && !fine) continue;
    drift.verdict = worse ? DriftVerdict::kConfirmed : DriftVerdict::kWithdrawn;
    drift.judged = matured_at_;
    drift.labels = 0;
    for (const Count& bin : since) drift.labels += bin.n;
    unit.changed = true;
  }
}

}  // namespace guardwatch
