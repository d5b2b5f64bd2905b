#include "detect/factor_detector.h"

#include <utility>

#include "base/check.h"
#include "detect/record.h"

namespace guardwatch {
FactorDetector::FactorDetector(int components, double threshold)
    : threshold_(AlarmThreshold::Of(threshold)) {
  GUARDWATCH_CHECK(components > 0);
  state_.evidence = Evidence::Start(components, 0);
}

std::optional<DriftAlarm> FactorDetector::Step(PaneIndex pane,
                                               std::span<const double> log_factors) {
  const int components = state_.evidence.components;
  if (!std::exchange(state_.started, true)) {
    state_.evidence = Evidence::Start(components, pane - 1);
  }
  state_.evidence.Step(pane, log_factors, threshold_.Cap());
  if (!(evidence() >= threshold())) return std::nullopt;
  const DriftAlarm alarm{
      pane, Direction::kUp, evidence(), threshold(), state_.evidence.LastQuietPane(), leading()};
  state_.evidence = Evidence::Start(components, pane);
  threshold_.Reset();
  return alarm;
}

void FactorDetector::Save(ByteWriter& out) const {
  WriteThreshold(out, threshold_);
  WriteEvidence(out, state_.evidence);
  out.Bool(state_.started);
}

bool FactorDetector::Load(ByteReader& in) {
  AlarmThreshold threshold = ReadThreshold(in);
  State state;
  state.evidence = ReadEvidence(in);
  state.started = in.Bool();
  if (in.bad() || state.evidence.components != state_.evidence.components) return false;
  threshold.Set(threshold_.next);
  threshold_ = threshold;
  state_ = state;
  return true;
}

}  // namespace guardwatch
