#include "detect/mean_watch.h"

#include <algorithm>
#include <array>
#include <utility>

#include "detect/exact_math.h"

namespace guardwatch {
namespace {

using Learning = LearningPhase<MeanLearner>;

constexpr std::size_t kComponents = std::size(kBets);

// The most that ln(1 + bet * (x/limit - 1)) grows per event on average, to second order, when the
// mean is `mean` and the variance in proportion to it.
double Growth(const MeanBaseline& baseline, double mean) {
  const double excess = mean / baseline.limit - 1;
  if (excess <= 0 || baseline.mean <= 0) return 0;
  const double sd = baseline.sd / baseline.limit;
  const double square = sd * sd * mean / baseline.mean + excess * excess;
  double best = 0;
  for (const double bet : kBets) best = std::max(best, bet * excess - bet * bet * square / 2);
  return best;
}

}  // namespace

MeanWatch::MeanWatch(const BaselineOptions& options, double threshold, double least_margin,
                     LearningPeriod period)
    : options_(options),
      learning_(MeanLearner(options, least_margin), period, options.pane_width),
      threshold_(threshold) {}

void MeanWatch::Arm(MeanBaseline baseline) {
  baseline_ = baseline;
  detector_.emplace(static_cast<int>(kComponents), threshold_);
  learning_.End(MeanLearner(options_));
}

std::optional<DriftAlarm> MeanWatch::Step(PaneIndex pane, std::span<const WeightedValue> values) {
  const bool any =
      std::any_of(values.begin(), values.end(), [](const WeightedValue& x) { return x.count > 0; });
  if (!any) return std::nullopt;
  if (!detector_) {
    const auto turn = learning_.Step(pane, true, values);
    if (turn != Learning::Turn::kGoesOn) Arm(learning_.Learn());
    if (turn != Learning::Turn::kEndedBeforeThis) return std::nullopt;
  }
  std::array<double, kComponents> log_factors;
  for (std::size_t k = 0; k < kComponents; ++k) {
    log_factors[k] = LogMeanFactor(values, baseline_->limit, kBets[k]) / baseline_->tempering;
  }
  return detector_->Step(pane, log_factors);
}

void MeanWatch::SetThreshold(double threshold) {
  threshold_ = threshold;
  if (detector_) detector_->SetThreshold(threshold);
}

void MeanWatch::Save(ByteWriter& out) const {
  out.Bool(baseline_.has_value());
  if (!baseline_) return learning_.Save(out);
  WriteMeanBaseline(out, *baseline_);
  detector_->Save(out);
}

bool MeanWatch::Load(ByteReader& in) {
  if (!in.Bool()) return learning_.Load(in);
  const MeanBaseline baseline = ReadMeanBaseline(in);
  if (in.bad() || baseline.pane_width != options_.pane_width) return false;
  Arm(baseline);
  return detector_->Load(in);
}

std::optional<double> MeanWatch::DetectableRise() const {
  if (!detector_) return std::nullopt;
  const double needed =
      (ExactLog(threshold()) + ExactLog(double(kComponents))) * baseline_->tempering;
  const double events = baseline_->EventsPerDay();
  const auto in_time = [&](double lift) {
    return Growth(*baseline_, lift * baseline_->mean) * events >= needed;
  };
  double low = 1;
  double high = 100;
  if (!in_time(high)) return std::nullopt;
  for (int i = 0; i < 40; ++i) {
    const double middle = 0.5 * (low + high);
    (in_time(middle) ? high : low) = middle;
  }
  return high;
}

WatchState MeanWatch::state() const {
  if (!detector_) return WatchState::kLearning;
  const auto rise = DetectableRise();
  return rise && *rise <= kLargestUsefulLift ? WatchState::kArmed : WatchState::kNotMonitorable;
}

}  // namespace guardwatch
