#include <algorithm>
#include <iterator>
#include <utility>

#include "monitor/drift_text.h"
#include "monitor/drift_watch.h"

// The alerts of what drifts: when they begin, and when they end.

namespace guardwatch {
namespace {

constexpr double kHot = 0.5;  // Share of the threshold.

AlertRule Paging(std::string name) {
  AlertRule rule;
  rule.name = std::move(name);
  rule.severity = "page";
  return rule;
}

}  // namespace

const AlertRule& DriftRule() {
  static const AlertRule kRule = Paging("GuardrailDrift");
  return kRule;
}

const AlertRule& LabelOutageRule() {
  static const AlertRule kRule = Paging("LabelsMissing");
  return kRule;
}

AlertLabels DriftWatch::LabelsOf(const UnitId& id) {
  return {{"alertname", DriftRule().name}, {"severity", DriftRule().severity},
          {"source", id.unit.source},      {"guardrail", id.unit.guardrail},
          {"category", id.unit.category},  {"variant", std::string(ToString(id.variant))}};
}

AlertLabels DriftWatch::OutageLabels() const {
  return {{"alertname", LabelOutageRule().name},
          {"severity", LabelOutageRule().severity},
          {"source", source_.name}};
}

// An alarm sets its evidence back to nothing; what is still wrong gathers it anew.
void DriftWatch::Cool(const SourceMonitor& source, bool label_based, AlertBook& book) {
  const Duration quiet = options_.drift.quiet;
  for (auto& [id, unit] : units_) {
    for (auto at = unit.active.begin(); at != unit.active.end();) {
      ActiveDrift& drift = at->second;
      if (IsLabelBased(drift.stream) != label_based) {
        ++at;
        continue;
      }
      double heat = 0;
      if (drift.dimension.empty()) {
        const auto version = unit.versions.find(drift.version);
        if (version != unit.versions.end()) heat = version->second->Heat(drift.stream);
      } else {
        const auto watch = unit.cohorts.find({drift.stream, drift.dimension});
        if (watch != unit.cohorts.end()) {
          heat = watch->second.evidence() / watch->second.threshold();
        }
      }
      if (heat >= kHot) {
        drift.hot = NowOf(drift);
        unit.changed = true;
      }
      if (NowOf(drift) - drift.hot < quiet) {
        ++at;
        continue;
      }
      DriftEpisode& episode = drift.stream == kUnlabeledShare ? outage_ : unit.episode;
      episode.ended = std::max(episode.ended, drift.Ends(quiet));
      // An alert that ends goes on saying what it was about.
      if (drift.stream == kUnlabeledShare) {
        if (outage_.alerting && outage_stale_) DescribeOutage(source, book);
      } else if (unit.episode.alerting && unit.stale) {
        DescribeUnit(source, id, unit, book);
      }
      at = unit.active.erase(at);
      unit.changed = true;
    }
  }
}

// Whether it holds its alert up; notes in `episode` since when, or until when it did.
bool DriftWatch::Counts(const ActiveDrift& drift, DriftEpisode& episode) const {
  const Duration quiet = options_.drift.quiet;
  if (!drift.Counts(NowOf(drift), quiet)) {
    episode.ended = std::max(episode.ended, drift.Ends(quiet));
    return false;
  }
  // What was raised later may be known earlier: labels take their time.
  episode.began = std::min(episode.began, drift.raised);
  return true;
}

// Once both clocks are past its end, so that nothing that was raised before can still come up.
bool DriftWatch::Ends(const DriftEpisode& episode, bool counts) const {
  return !counts && episode.alerting && std::min(sealed_at_, matured_at_) >= episode.ended;
}

// One alert, one step on.
void DriftWatch::StepEpisode(DriftEpisode& episode, bool counts, const AlertRule& rule,
                             AlertLabels labels, WallTime wall, AlertBook& book) const {
  if (!counts && !Ends(episode, counts)) return;
  Evaluation evaluation;
  evaluation.labels = std::move(labels);
  evaluation.condition = counts;
  if (counts) evaluation.began = episode.began;
  book.Step(rule, evaluation, counts ? episode.began : episode.ended, wall);
  episode.alerting = counts;
}

void DriftWatch::UpdateAlerts(const SourceMonitor& source, WallTime wall, AlertBook& book) {
  for (auto& [id, unit] : units_) {
    DriftEpisode& episode = unit.episode;
    if (!episode.alerting) episode.began = kEndOfTime;
    bool counts = false;
    for (const auto& [key, drift] : unit.active) {
      if (drift.stream != kUnlabeledShare) counts = Counts(drift, episode) || counts;
    }
    if (!counts && !episode.alerting) continue;
    unit.changed = unit.stale = true;
    if (Ends(episode, counts)) DescribeUnit(source, id, unit, book);
    StepEpisode(episode, counts, DriftRule(), LabelsOf(id), wall, book);
  }
  UpdateOutage(source, wall, book);
}

void DriftWatch::UpdateOutage(const SourceMonitor& source, WallTime wall, AlertBook& book) {
  if (!outage_.alerting) outage_.began = kEndOfTime;
  bool counts = false;
  for (const auto& [id, unit] : units_) {
    for (const auto& [key, drift] : unit.active) {
      if (drift.stream == kUnlabeledShare) counts = Counts(drift, outage_) || counts;
    }
  }
  if (!counts && !outage_.alerting) return;
  outage_stale_ = true;
  if (Ends(outage_, counts)) DescribeOutage(source, book);
  StepEpisode(outage_, counts, LabelOutageRule(), OutageLabels(), wall, book);
}

// --- What they say ---

void DriftWatch::Describe(const SourceMonitor& source, AlertBook& book) {
  for (auto& [id, unit] : units_) {
    if (unit.episode.alerting && unit.stale) DescribeUnit(source, id, unit, book);
  }
  if (outage_.alerting && outage_stale_) DescribeOutage(source, book);
}

void DriftWatch::DescribeUnit(const SourceMonitor& source, const UnitId& id, Unit& unit,
                              AlertBook& book) {
  unit.stale = false;
  std::map<std::string, ActiveDrift> told = unit.active;
  std::erase_if(told, [](const auto& entry) { return entry.second.stream == kUnlabeledShare; });
  if (told.empty()) return;
  book.Annotate(LabelsOf(id), DriftAnnotations(id.unit, id.variant, told, source, options_));
  unit.evidence.clear();
  for (const auto& [key, drift] : told) unit.evidence.push_back(EvidenceOf(source, id, drift));
}

void DriftWatch::DescribeOutage(const SourceMonitor& source, AlertBook& book) {
  outage_stale_ = false;
  std::vector<MissingLabels> missing;
  std::vector<DriftEvidence> evidence;
  for (const auto& [id, unit] : units_) {
    for (const auto& [key, drift] : unit.active) {
      if (drift.stream != kUnlabeledShare) continue;
      missing.push_back({id.unit, id.variant, &drift});
      evidence.push_back(EvidenceOf(source, id, drift));
    }
  }
  if (missing.empty()) return;
  book.Annotate(OutageLabels(), OutageAnnotations(missing, source, options_));
  outage_evidence_ = std::move(evidence);
}

}  // namespace guardwatch
