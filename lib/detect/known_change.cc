#include "detect/known_change.h"

#include <algorithm>
#include <cmath>

#include "detect/exact_math.h"
#include "detect/record.h"

namespace guardwatch {
namespace {

constexpr double kSlowSds = 3;
constexpr double kGreatestLog = 600;  // Finite, and far above every threshold.

}  // namespace

// With slots the limits are those of the hour, tolerance included.
RateAlternatives KnownChange::Alternatives(const Baseline& baseline, PaneIndex pane) {
  const bool constant = baseline.slots == SlotScheme::kConstant;
  const NullInterval null =
      constant ? baseline.NullWithin(kSlowSds * baseline.slow_sd) : baseline.NullAt(pane);
  return {null, baseline.tempering, Direction::kBoth};
}

bool KnownChange::Start(PaneIndex pane, const Baseline& baseline) {
  return Start(pane, Alternatives(baseline, pane));
}

bool KnownChange::Start(PaneIndex pane, const RateAlternatives& alternatives) {
  if (start_ && (pane - *start_) * kPaneWidth < kBetweenStarts) return false;
  start_ = pane;
  testing_ = true;
  components_ = alternatives.size();
  log_ = {};
  pool_ = {};
  threshold_.Reset();
  return true;
}

std::optional<DriftAlarm> KnownChange::Step(PaneIndex pane, Count count, const Baseline& baseline) {
  if (!testing_) return std::nullopt;
  return Step(pane, count, Alternatives(baseline, pane));
}

std::optional<DriftAlarm> KnownChange::Step(PaneIndex pane, Count count,
                                            const RateAlternatives& alternatives) {
  if (testing_ && (pane - *start_) * kPaneWidth >= kLasts) testing_ = false;
  if (!testing_ || components_ == 0) return std::nullopt;
  const auto step = pool_.Add(count);
  if (!step) return std::nullopt;
  if (alternatives.size() != components_) return std::nullopt;
  std::array<double, Evidence::kComponents> log_factors;
  const auto factors = alternatives.LogFactors(*step, log_factors);
  for (std::size_t k = 0; k < factors.size(); ++k) {
    log_[k] = std::min(log_[k] + factors[k], kGreatestLog);
  }
  if (!(evidence() >= threshold())) return std::nullopt;
  const auto end = log_.begin() + components_;
  const int leading = static_cast<int>(std::max_element(log_.begin(), end) - log_.begin());
  const DriftAlarm alarm{
      pane,        leading < alternatives.up() ? Direction::kUp : Direction::kDown,
      evidence(),  threshold(),
      *start_ - 1, leading};
  testing_ = false;
  return alarm;
}

double KnownChange::evidence() const {
  if (!testing_ || components_ == 0) return 0;
  double sum = 0;
  for (int k = 0; k < components_; ++k) sum += ExactExp(log_[static_cast<std::size_t>(k)]);
  return sum / double(components_);
}

void KnownChange::Save(ByteWriter& out) const {
  WriteThreshold(out, threshold_);
  out.Bool(start_.has_value());
  if (start_) out.Signed(*start_);
  out.Bool(testing_);
  out.Byte(static_cast<std::uint8_t>(components_));
  for (const double log : log_) out.Real(log);
  WriteCount(out, pool_.pending);
}

bool KnownChange::Load(ByteReader& in) {
  AlarmThreshold threshold = ReadThreshold(in);
  threshold.Set(threshold_.next);
  if (in.Bool()) start_ = in.Signed();
  testing_ = in.Bool();
  components_ = in.Byte();
  for (double& log : log_) {
    log = in.Real();
    if (!std::isfinite(log)) in.Refuse();
  }
  pool_.pending = ReadCount(in);
  if (components_ > static_cast<int>(log_.size())) in.Refuse();
  if (in.bad()) return false;
  threshold_ = threshold;
  return true;
}

}  // namespace guardwatch
