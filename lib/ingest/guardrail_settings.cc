#include "ingest/guardrail_settings.h"

#include <algorithm>

namespace guardwatch {
namespace {

void AddMissing(std::vector<std::string>& into, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (std::find(into.begin(), into.end(), name) == into.end()) into.push_back(name);
  }
}

void Overlay(const GuardrailOptions& entry, GuardrailSettings& out,
             const std::vector<std::string>*& cohorts) {
  if (entry.threshold) out.threshold = entry.threshold;
  if (entry.band) out.band = *entry.band;
  if (entry.label_horizon) out.label_horizon = *entry.label_horizon;
  if (entry.score_kind == ScoreKind::kDecisionsOnly) out.decisions_only = true;
  if (entry.decided_by_decision_events) out.decided_by_decision_events = true;
  if (entry.cohorts) cohorts = &*entry.cohorts;
}

}  // namespace

std::vector<std::string> Dimensions(const SourceOptions& source) {
  std::vector<std::string> names;
  AddMissing(names, source.cohorts);
  for (const GuardrailOptions& entry : source.guardrails) {
    if (entry.cohorts) AddMissing(names, *entry.cohorts);
  }
  return names;
}

GuardrailSettings ResolveSettings(const SourceOptions& source, std::string_view guardrail,
                                  std::string_view category) {
  const auto find = [&](bool with_category) {
    return std::find_if(source.guardrails.begin(), source.guardrails.end(),
                        [&](const GuardrailOptions& entry) {
                          return entry.guardrail == guardrail &&
                                 (with_category ? entry.category == category : !entry.category);
                        });
  };
  GuardrailSettings settings;
  settings.band = source.band;
  settings.label_horizon = source.label_horizon;
  const std::vector<std::string>* cohorts = &source.cohorts;
  for (const bool with_category : {false, true}) {
    const auto entry = find(with_category);
    if (entry != source.guardrails.end()) Overlay(*entry, settings, cohorts);
  }
  const std::vector<std::string> all = Dimensions(source);
  for (const std::string& name : *cohorts) {
    const auto at = std::find(all.begin(), all.end(), name) - all.begin();
    settings.dimensions.push_back(static_cast<std::uint8_t>(at));
  }
  return settings;
}

Duration LongestHorizon(const SourceOptions& source) {
  Duration longest = source.label_horizon;
  for (const GuardrailOptions& entry : source.guardrails) {
    longest = std::max(longest, entry.label_horizon.value_or(longest));
  }
  return longest;
}

}  // namespace guardwatch
