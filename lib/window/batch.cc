#include "window/batch.h"

namespace guardwatch {
namespace {

template <class Array>
void AddEach(Array& into, const Array& from) {
  for (std::size_t i = 0; i < into.size(); ++i) into[i] += from[i];
}

}  // namespace

LogCounters& LogCounters::operator+=(const LogCounters& other) {
  AddEach(accepted, other.accepted);
  AddEach(rejected, other.rejected);
  AddEach(late, other.late);
  late_for_sealed += other.late_for_sealed;
  duplicates += other.duplicates;
  bytes += other.bytes;
  return *this;
}

DecisionOutcomes& DecisionOutcomes::operator+=(const DecisionOutcomes& other) {
  joined += other.joined;
  late += other.late;
  agreement += other.agreement;
  disagreement += other.disagreement;
  orphan += other.orphan;
  return *this;
}

std::string_view ToString(LabelOutcome outcome) {
  static constexpr std::array<std::string_view, kLabelOutcomes> kNames{
      "joined",        "corrected", "retracted", "repeated",         "stale",    "late",
      "after_horizon", "orphan",    "unusable",  "late_for_matured", "unsampled"};
  return kNames[static_cast<std::size_t>(outcome)];
}

}  // namespace guardwatch
