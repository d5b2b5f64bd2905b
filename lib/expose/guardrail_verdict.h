#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "expose/rollup.h"
#include "monitor/snapshot.h"

namespace guardwatch {

// What can be said of one guardrail at a glance, worst first. Exactly one holds: the first that
// applies.
enum class GuardrailVerdict : std::uint8_t {
  kFiring,              // An alert of it is firing.
  kStalled,             // Its source does not move or cannot be read: the numbers are old.
  kNoData,              // No event in any current window: nothing is being watched.
  kPending,             // A rule is violated, but not yet for long enough.
  kInsufficientLabels,  // It runs, but too few labels to judge how well it is calibrated.
  kOk,
};
std::string_view ToString(GuardrailVerdict verdict);

// With fewer labelled scores in every window, calibration is not judged: an interval around a rate
// of 0.5 is then wider than 0.1 either way.
inline constexpr std::int64_t kMinLabelsToJudge = 100;

struct VerdictWithReason {
  GuardrailVerdict verdict = GuardrailVerdict::kOk;
  std::string reason;  // One sentence; empty if ok.
};

// `windows`: those of the whole unit and variant, of every length and view.
VerdictWithReason JudgeGuardrail(const Snapshot& snapshot, const UnitKey& unit, Variant variant,
                                 const std::vector<const RolledWindow*>& windows);

// The unit and variant an alert is about; alerts leave empty labels out.
bool Concerns(const Alert& alert, const UnitKey& unit, Variant variant);

// A finding about the whole source concerns each of its units.
bool Concerns(const Finding& finding, const UnitKey& unit);

}  // namespace guardwatch
