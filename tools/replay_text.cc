#include "replay_text.h"

#include <array>
#include <cstdio>

#include "base/duration.h"

namespace guardwatch {
namespace {

constexpr std::array<std::string_view, kLateAges> kLateNames{"1m", "10m", "1h", "6h", "1d", "more"};
struct Totals {
  LogCounters logs;
  std::array<std::int64_t, kLabelOutcomes> labels{};
  DecisionOutcomes decisions;
  std::int64_t identity_in_two_logs = 0;
  std::int64_t folded_events = 0;
};

Totals TotalsOf(const Snapshot& snapshot) {
  Totals totals;
  for (const auto& source : snapshot.sources) {
    for (const LogView& log : source->logs) totals.logs += log.counters;
    for (const LabelOutcomeView& view : source->labels) {
      for (std::size_t i = 0; i < view.outcomes.size(); ++i) totals.labels[i] += view.outcomes[i];
    }
    totals.decisions += source->decisions;
    totals.identity_in_two_logs += source->identity_in_two_logs;
    totals.folded_events += source->folded_events;
  }
  return totals;
}

}  // namespace

void WriteReplaySummary(JsonWriter& json, const Snapshot& snapshot) {
  const Totals totals = TotalsOf(snapshot);
  json.BeginObject().Key("summary").BeginObject();
  json.Key("accepted").BeginObject();
  for (int i = 0; i < kEventKinds; ++i) {
    json.Field(ToString(static_cast<EventKind>(i)), totals.logs.accepted[std::size_t(i)]);
  }
  json.EndObject().Key("rejected").BeginObject();
  for (int i = 0; i < kRejectReasons; ++i) {
    json.Field(ToString(static_cast<RejectReason>(i)), totals.logs.rejected[std::size_t(i)]);
  }
  json.EndObject().Key("late").BeginObject();
  for (int i = 0; i < kLateAges; ++i) {
    json.Field(kLateNames[std::size_t(i)], totals.logs.late[std::size_t(i)]);
  }
  json.EndObject();
  json.Field("duplicates", totals.logs.duplicates);
  for (int i = 0; i < kLabelOutcomes; ++i) {
    json.Field("label_" + std::string(ToString(static_cast<LabelOutcome>(i))),
               totals.labels[std::size_t(i)]);
  }
  json.Field("decision_joined", totals.decisions.joined);
  json.Field("decision_late", totals.decisions.late);
  json.Field("decision_agreement", totals.decisions.agreement);
  json.Field("decision_disagreement", totals.decisions.disagreement);
  json.Field("decision_orphan", totals.decisions.orphan);
  json.Field("identity_in_two_logs", totals.identity_in_two_logs);
  json.Field("folded_events", totals.folded_events);
  json.EndObject().EndObject();
}

std::string NumberText(const StatisticValue& value) {
  if (!value.value) return "-";
  std::array<char, 64> text{};
  const int size = value.low && value.high
                       ? std::snprintf(text.data(), text.size(), "%.4f [%.4f, %.4f]", *value.value,
                                       *value.low, *value.high)
                       : std::snprintf(text.data(), text.size(), "%.4f", *value.value);
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string SeriesText(const SeriesKey& key) {
  std::string text = key.unit.guardrail;
  if (!key.unit.category.empty()) text += "/" + key.unit.category;
  if (!key.model_version.empty()) text += " " + key.model_version;
  if (key.variant == Variant::kCandidate) text += " (candidate)";
  if (!key.slice.whole()) text += " " + key.slice.dimension + "=" + key.slice.value;
  return text;
}

std::string WindowText(const WindowView& window) {
  return FormatDuration(window.window) + " " + std::string(ToString(window.view));
}

}  // namespace guardwatch
