#include "expose/guardrail_verdict.h"

#include <algorithm>

namespace guardwatch {
namespace {

std::string_view LabelOf(const Alert& alert, const char* name) {
  const auto at = alert.labels.find(name);
  return at == alert.labels.end() ? std::string_view() : std::string_view(at->second);
}

const Alert* FindAlert(const Snapshot& snapshot, const UnitKey& unit, Variant variant,
                       AlertState state) {
  for (const Alert& alert : snapshot.alerts) {
    if (alert.state == state && Concerns(alert, unit, variant)) return &alert;
  }
  return nullptr;
}

const Finding* FindFinding(const Snapshot& snapshot, const UnitKey& unit,
                           std::initializer_list<std::string_view> kinds) {
  for (const Finding& finding : snapshot.findings) {
    if (std::find(kinds.begin(), kinds.end(), finding.kind) == kinds.end()) continue;
    if (Concerns(finding, unit)) return &finding;
  }
  return nullptr;
}

std::string AlertReason(const Alert& alert, std::string_view state) {
  return std::string(LabelOf(alert, "alertname")) + " is " + std::string(state) + ".";
}

}  // namespace

std::string_view ToString(GuardrailVerdict verdict) {
  switch (verdict) {
    case GuardrailVerdict::kFiring:
      return "firing";
    case GuardrailVerdict::kStalled:
      return "stalled";
    case GuardrailVerdict::kNoData:
      return "no_data";
    case GuardrailVerdict::kPending:
      return "pending";
    case GuardrailVerdict::kInsufficientLabels:
      return "insufficient_labels";
    case GuardrailVerdict::kOk:
      return "ok";
  }
  return "";
}

bool Concerns(const Alert& alert, const UnitKey& unit, Variant variant) {
  return LabelOf(alert, "source") == unit.source && LabelOf(alert, "guardrail") == unit.guardrail &&
         LabelOf(alert, "category") == unit.category &&
         LabelOf(alert, "variant") == ToString(variant);
}

bool Concerns(const Finding& finding, const UnitKey& unit) {
  if (finding.source != unit.source) return false;
  if (finding.guardrail.empty()) return true;
  return finding.guardrail == unit.guardrail &&
         (finding.category.empty() || finding.category == unit.category);
}

VerdictWithReason JudgeGuardrail(const Snapshot& snapshot, const UnitKey& unit, Variant variant,
                                 const std::vector<const RolledWindow*>& windows) {
  if (const Alert* alert = FindAlert(snapshot, unit, variant, AlertState::kFiring)) {
    return {GuardrailVerdict::kFiring, AlertReason(*alert, "firing")};
  }
  if (const Finding* finding = FindFinding(snapshot, unit, {"stalled", "log_unavailable"})) {
    return {GuardrailVerdict::kStalled, finding->summary};
  }
  if (const Finding* finding = FindFinding(snapshot, unit, {"no_data"})) {
    return {GuardrailVerdict::kNoData, finding->summary};
  }
  std::int64_t events = 0;
  std::int64_t labeled = 0;
  for (const RolledWindow* rolled : windows) {
    const Aggregate& total = rolled->window.total;
    if (rolled->window.view == WindowViewKind::kCurrent) {
      events = std::max(events, total.scored + total.decided + total.errors);
    }
    labeled = std::max(labeled, total.labeled);
  }
  if (events == 0) return {GuardrailVerdict::kNoData, "No event in any window."};
  if (const Alert* alert = FindAlert(snapshot, unit, variant, AlertState::kPending)) {
    return {GuardrailVerdict::kPending, AlertReason(*alert, "pending")};
  }
  if (labeled < kMinLabelsToJudge) {
    return {GuardrailVerdict::kInsufficientLabels,
            std::to_string(labeled) + " labelled events; calibration is judged from " +
                std::to_string(kMinLabelsToJudge) + " on."};
  }
  if (const Finding* finding = FindFinding(snapshot, unit, {"labels_unmatched"})) {
    return {GuardrailVerdict::kInsufficientLabels, finding->summary};
  }
  return {};
}

}  // namespace guardwatch
