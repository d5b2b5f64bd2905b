#include <algorithm>
#include <set>
#include <tuple>

#include "config/sections.h"
#include "config/suggest.h"

namespace guardwatch {
namespace {

GuardrailOptions ReadGuardrail(const YamlValue& value, const std::vector<std::string>& sources) {
  GuardrailOptions guardrail;
  YamlMap map(value);
  if (const auto name = map.Require("name")) {
    if (auto text = name->Text()) guardrail.guardrail = *std::move(text);
  }
  if (const auto source = map.Find("source")) {
    guardrail.source = source->Text();
    const auto known = guardrail.source && std::find(sources.begin(), sources.end(),
                                                     *guardrail.source) != sources.end();
    if (guardrail.source && !known) {
      source->Fail("there is no source " + Quote(*guardrail.source),
                   DidYouMean(*guardrail.source, sources));
    }
  }
  if (const auto category = map.Find("category")) guardrail.category = category->AnyText();
  if (const auto threshold = map.Find("threshold")) {
    guardrail.threshold = threshold->Number({0, 1});
  }
  if (const auto band = map.Find("band")) guardrail.band = band->Number({0, 1});
  if (const auto horizon = map.Find("label_horizon")) {
    guardrail.label_horizon = horizon->Length({Duration(0), std::chrono::hours(365 * 24)});
  }
  if (const auto cohorts = map.Find("cohorts")) guardrail.cohorts = ReadDimensions(*cohorts);
  map.Read("score_kind", guardrail.score_kind,
           {{"probability", ScoreKind::kProbability}, {"none", ScoreKind::kDecisionsOnly}});
  map.Read("decided_by", guardrail.decided_by_decision_events,
           {{"scores", false}, {"decision_events", true}});
  return guardrail;
}

}  // namespace

void ReadGuardrails(const YamlValue& value, std::vector<SourceConfig>& sources) {
  std::vector<std::string> names;
  for (const SourceConfig& source : sources) names.push_back(source.ingest.name);
  std::set<std::tuple<std::string, std::optional<std::string>, std::optional<std::string>>> seen;
  for (const YamlValue& item : value.Items()) {
    const GuardrailOptions guardrail = ReadGuardrail(item, names);
    const bool is_new =
        seen.emplace(guardrail.guardrail, guardrail.source, guardrail.category).second;
    if (!is_new && !guardrail.guardrail.empty()) {
      item.Fail("the guardrail " + Quote(guardrail.guardrail) + " comes before",
                "name, source or category must differ");
    }
    for (SourceConfig& source : sources) {
      const bool applies = !guardrail.source || *guardrail.source == source.ingest.name;
      if (applies) source.ingest.guardrails.push_back(guardrail);
    }
  }
}

}  // namespace guardwatch
