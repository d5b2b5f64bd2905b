#include "detect/mean_watch.h"

#include <algorithm>
#include <array>
#include <utility>

#include "detect/exact_math.h"

namespace guardwatch {
namespace {

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
      learner_(options, least_margin),
      period_(period),
      missing_(learner_.Missing()),
      threshold_(threshold) {}

void MeanWatch::Arm(MeanBaseline baseline) {
  baseline_ = baseline;
  detector_.emplace(static_cast<int>(kComponents), threshold_);
  learner_ = MeanLearner(options_);
  missing_.reset();
}

std::optional<DriftAlarm> MeanWatch::Step(PaneIndex pane, std::span<const WeightedValue> values) {
  const bool any =
      std::any_of(values.begin(), values.end(), [](const WeightedValue& x) { return x.count > 0; });
  if (!any) return std::nullopt;
  if (!detector_ && period_ && period_.After(pane, options_.pane_width)) {
    if (!learner_.Any()) {
      period_ = {};  // Nothing was there in the period: it is learned from now on.
    } else if (learner_.EnoughToTake()) {
      Arm(learner_.Learn());
    } else {
      missing_ = period_.Text() + " had only " + learner_.Missing().value_or("one step");
      return std::nullopt;
    }
  }
  if (!detector_) {
    if (period_ && period_.Before(pane, options_.pane_width)) return std::nullopt;
    learner_.Add(pane, values);
    missing_ = learner_.Missing();
    if (period_) missing_ = "the end of " + period_.Text();
    if (!missing_) Arm(learner_.Learn());
    return std::nullopt;
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
  if (!baseline_) {
    out.Bool(static_cast<bool>(period_));
    return learner_.Save(out);
  }
  WriteMeanBaseline(out, *baseline_);
  detector_->Save(out);
}

bool MeanWatch::Load(ByteReader& in) {
  if (!in.Bool()) {
    if (!in.Bool()) period_ = {};
    learner_.Load(in);
    missing_ = learner_.Missing();
    if (period_) missing_ = "the end of " + period_.Text();
    return !in.bad();
  }
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
