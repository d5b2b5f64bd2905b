#include <utility>

#include "monitor/drift_text.h"
#include "monitor/drift_watch.h"

// What drift detectors tell their readers.

namespace guardwatch {
namespace {

Finding Make(std::string kind, const UnitKey& unit) {
  Finding finding;
  finding.kind = std::move(kind);
  finding.source = unit.source;
  finding.guardrail = unit.guardrail;
  finding.category = unit.category;
  return finding;
}

}  // namespace

void DriftWatch::AppendViews(std::vector<DriftView>& out) const {
  for (const auto& [id, unit] : units_) {
    for (const auto& [version, watch] : unit.versions) {
      for (const StreamStatus& status : watch->Status()) {
        DriftView view;
        view.unit = id.unit;
        view.variant = id.variant;
        view.model_version = version;
        view.stream = status.stream;
        view.state = ToString(status.state);
        view.missing = status.missing;
        view.usual = status.usual;
        view.unchanged_low = status.unchanged.low;
        view.unchanged_high = status.unchanged.high;
        view.reference_events = status.reference.events;
        view.reference_from = status.reference.from;
        view.reference_to = status.reference.to;
        view.dispersion = status.dispersion;
        view.tolerance = status.tolerance;
        view.evidence = status.evidence;
        view.threshold = status.threshold;
        view.detectable_rise = status.detectable_rise;
        view.detectable_fall = status.detectable_fall;
        view.drifting = unit.active.contains(KeyOf(status.stream, version, ""));
        out.push_back(std::move(view));
      }
    }
  }
}

void DriftWatch::AppendFindings(std::vector<Finding>& out) const {
  AppendUnusedBaselines(out);
  AppendLearnedAnew(out);
  AppendShortPeriods(out);
  for (const auto& [id, unit] : units_) {
    for (const auto& [key, drift] : unit.active) {
      Finding finding = Make("drift", id.unit);
      finding.severity = drift.verdict == DriftVerdict::kWithdrawn ? Finding::Severity::kInfo
                                                                   : Finding::Severity::kCritical;
      finding.subject = drift.stream;
      finding.summary = DriftSentence(drift);
      finding.since = drift.changed;
      out.push_back(std::move(finding));
    }
  }
}

// A baseline that was given for what is not there is a mistake that nothing else shows.
void DriftWatch::AppendUnusedBaselines(std::vector<Finding>& out) const {
  if (!options_.drift.given || units_.empty()) return;
  for (const BaselineSet& set : *options_.drift.given) {
    if (set.unit.source != source_.name) continue;
    const auto unit = units_.find({set.unit, set.variant});
    const bool used = unit != units_.end() && unit->second.versions.contains(set.model_version);
    if (used) continue;
    Finding finding = Make("baseline_unused", set.unit);
    finding.subject = set.model_version;
    finding.summary =
        "The baseline given for model version " + set.model_version + " is not used: ";
    if (unit == units_.end()) {
      finding.summary += "no events of this guardrail and category are seen.";
    } else {
      finding.summary += "what is seen is";
      for (const auto& [version, watch] : unit->second.versions) finding.summary += " " + version;
      finding.summary += ", which is learned instead.";
    }
    out.push_back(std::move(finding));
  }
}

// Until then nothing is watched there, which nobody asked for in so many words.
void DriftWatch::AppendLearnedAnew(std::vector<Finding>& out) const {
  for (const auto& [id, unit] : units_) {
    std::string what;
    const auto add = [&](const std::string& name) { what += (what.empty() ? "" : ", ") + name; };
    for (const auto& [version, watch] : unit.versions) {
      for (const std::string_view stream : watch->LearnedAnew()) {
        add(std::string(stream) + " of " + version);
      }
    }
    for (const auto& key : unit.anew) {
      const auto watch = unit.cohorts.find(key);
      if (watch == unit.cohorts.end() || watch->second.armed() > 0) continue;
      add(std::string(key.first) + " by " + key.second);
    }
    if (what.empty()) continue;
    Finding& finding = out.emplace_back(Make("baseline_learned_anew", id.unit));
    finding.summary =
        "What is normal was learned under other settings (alerting.drift.slots) and is learned "
        "anew; until then this is not watched: " +
        what + ".";
  }
}

// Nothing else is learned of a version that was there in the period, so it stays unwatched.
void DriftWatch::AppendShortPeriods(std::vector<Finding>& out) const {
  if (!options_.drift.period) return;
  for (const auto& [id, unit] : units_) {
    for (const auto& [version, watch] : unit.versions) {
      std::string streams;
      for (const StreamStatus& status : watch->Status()) {
        if (!status.period_short) continue;
        streams += (streams.empty() ? "" : ", ") + std::string(status.stream);
      }
      if (streams.empty()) continue;
      Finding& finding = out.emplace_back(Make("baseline_period_short", id.unit));
      finding.subject = version;
      finding.summary = "There was too little of model version " + version + " in ";
      finding.summary += options_.drift.period.Text();
      finding.summary += " to learn what is normal, so this is not watched: " + streams;
      finding.summary += ". Give alerting.drift.baseline a longer or later period.";
    }
  }
}

void DriftWatch::AppendBaselines(std::vector<std::shared_ptr<const BaselineSet>>& out) const {
  for (const auto& [id, unit] : units_) {
    for (const auto& [version, watch] : unit.versions) {
      auto set = watch->Baselines({id.unit, version, id.variant, Slice{}});
      if (!set->empty()) out.push_back(std::move(set));
    }
  }
}

void DriftWatch::AppendEvidence(std::vector<DriftEvidence>& out) const {
  for (const auto& [id, unit] : units_) {
    out.insert(out.end(), unit.evidence.begin(), unit.evidence.end());
  }
  out.insert(out.end(), outage_evidence_.begin(), outage_evidence_.end());
}

}  // namespace guardwatch
