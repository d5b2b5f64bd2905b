#include "detect/factor_detector.h"

#include <utility>

#include "base/check.h"

namespace guardwatch {
namespace {

constexpr double kCapInThresholds = 1e6;

}  // namespace

FactorDetector::FactorDetector(int components, double threshold) : threshold_(threshold) {
  GUARDWATCH_CHECK(components > 0 && threshold > 0);
  state_.evidence = Evidence::Start(components, 0);
}

std::optional<DriftAlarm> FactorDetector::Step(PaneIndex pane,
                                               std::span<const double> log_factors) {
  const int components = state_.evidence.components;
  if (!std::exchange(state_.started, true)) {
    state_.evidence = Evidence::Start(components, pane - 1);
  }
  state_.evidence.Step(pane, log_factors, kCapInThresholds * threshold_);
  if (!(evidence() >= threshold_)) return std::nullopt;
  const DriftAlarm alarm{pane, Direction::kUp, evidence(), threshold_,
                         state_.evidence.LastQuietPane()};
  state_.evidence = Evidence::Start(components, pane);
  return alarm;
}

}  // namespace guardwatch
