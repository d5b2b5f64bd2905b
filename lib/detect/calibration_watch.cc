#include "detect/calibration_watch.h"

#include <algorithm>
#include <utility>

#include "detect/delay.h"
#include "detect/exact_math.h"

namespace guardwatch {
namespace {

using Learning = LearningPhase<CalibrationLearner>;

constexpr double kSmallestRate = 0x1p-53;

}  // namespace

CalibrationWatch::CalibrationWatch(const BaselineOptions& options, double threshold,
                                   LearningPeriod period)
    : options_(options),
      learning_(CalibrationLearner(options), period, options.pane_width),
      threshold_(threshold) {}

void CalibrationWatch::Arm(CalibrationBaseline baseline) {
  baseline_ = baseline;
  limits_.clear();
  for (const Count& bin : baseline.bins) limits_.push_back(MakeCalibrationLimits(bin));
  detector_.emplace(static_cast<int>(kCalibrationChanges.size()), threshold_);
  learning_.End(CalibrationLearner(options_));
}

std::optional<DriftAlarm> CalibrationWatch::Step(PaneIndex pane, const BinCounts& counts) {
  if (std::all_of(counts.begin(), counts.end(), [](const Count& bin) { return bin.n == 0; })) {
    return std::nullopt;
  }
  if (!detector_) {
    const auto turn = learning_.Step(pane, true, counts);
    if (turn != Learning::Turn::kGoesOn) Arm(learning_.Learn());
    if (turn != Learning::Turn::kEndedBeforeThis) return std::nullopt;
  }
  std::array<double, kCalibrationChanges.size()> factors{};
  for (std::size_t i = 0; i < factors.size(); ++i) {
    factors[i] =
        LogCalibrationFactor(limits_, counts, kCalibrationChanges[i]) / baseline_->tempering;
  }
  return detector_->Step(pane, factors);
}

void CalibrationWatch::SetThreshold(double threshold) {
  threshold_ = threshold;
  if (detector_) detector_->SetThreshold(threshold);
}

double CalibrationWatch::ExpectedLog(const BinCounts& counts, CalibrationChange change) const {
  double sum = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double rate = ChangedRate(limits_[i].rate, change);
    const double base = std::clamp(std::clamp(rate, limits_[i].low, limits_[i].high), kSmallestRate,
                                   1 - kSmallestRate);
    if (counts[i].n > 0 && base != rate) sum += double(counts[i].n) * RelativeEntropy(rate, base);
  }
  return sum / baseline_->tempering;
}

double CalibrationWatch::Needed() const {
  return ExactLog(threshold()) + ExactLog(double(kCalibrationChanges.size()));
}

bool CalibrationWatch::WouldHaveSeen(const BinCounts& counts) const {
  if (!detector_) return false;
  constexpr std::array<CalibrationChange, 4> kThatMatter{{{-.5, 1}, {.5, 1}, {0, .7}, {0, 1.4}}};
  return std::all_of(kThatMatter.begin(), kThatMatter.end(), [&](const CalibrationChange& change) {
    return ExpectedLog(counts, change) >= Needed();
  });
}

// The greatest of the changes, or none, within a day.
WatchState CalibrationWatch::state() const {
  if (!detector_) return WatchState::kLearning;
  const double days = double(baseline_->panes) * double(baseline_->pane_width.count()) /
                      double(Duration(std::chrono::hours(24)).count());
  const bool seen = std::any_of(kCalibrationChanges.begin(), kCalibrationChanges.end(),
                                [&](const CalibrationChange& change) {
                                  return ExpectedLog(baseline_->bins, change) >= days * Needed();
                                });
  return seen ? WatchState::kArmed : WatchState::kNotMonitorable;
}

void CalibrationWatch::Save(ByteWriter& out) const {
  out.Bool(baseline_.has_value());
  if (baseline_) {
    WriteCalibrationBaseline(out, *baseline_);
    return detector_->Save(out);
  }
  learning_.Save(out);
}

bool CalibrationWatch::Load(ByteReader& in) {
  if (in.Bool()) {
    const CalibrationBaseline baseline = ReadCalibrationBaseline(in);
    if (in.bad() || baseline.pane_width != options_.pane_width) return false;
    Arm(baseline);
    return detector_->Load(in);
  }
  return learning_.Load(in);
}

}  // namespace guardwatch
