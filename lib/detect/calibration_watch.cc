#include "detect/calibration_watch.h"

#include <algorithm>
#include <utility>

#include "detect/delay.h"
#include "detect/exact_math.h"
#include "detect/record.h"

namespace guardwatch {
namespace {

constexpr double kSmallestRate = 0x1p-53;

}  // namespace

std::int64_t CalibrationBaseline::Labels() const {
  std::int64_t labels = 0;
  for (const Count& bin : bins) labels += bin.n;
  return labels;
}

CalibrationWatch::CalibrationWatch(const BaselineOptions& options, double threshold,
                                   LearningPeriod period)
    : options_(options), period_(period), threshold_(threshold) {
  missing_ = StillMissing();
}

std::int64_t CalibrationWatch::Learned() const {
  std::int64_t labels = 0;
  for (const BlockSums& bin : learned_) labels += bin.n;
  return labels;
}

std::optional<std::string> CalibrationWatch::StillMissing() const {
  const std::int64_t panes = first_ ? last_ - *first_ + 1 : 0;
  const auto part = [](std::int64_t have, std::int64_t need, const char* what) {
    return std::to_string(have) + " of " + std::to_string(need) + ' ' + what;
  };
  if (Learned() < options_.fewest_events) {
    return part(Learned(), options_.fewest_events, "labels");
  }
  if (panes < options_.fewest_panes) return part(panes, options_.fewest_panes, "panes");
  return std::nullopt;
}

// phi over all bins, each around its own rate: labels of one burst agree in every bin.
CalibrationBaseline CalibrationWatch::Learn() const {
  CalibrationBaseline baseline;
  baseline.pane_width = options_.pane_width;
  baseline.first = *first_;
  baseline.panes = last_ - *first_ + 1;
  double pearson = 0;
  std::int64_t freedom = 0;
  for (std::size_t i = 0; i < learned_.size(); ++i) {
    const BlockSums& bin = learned_[i];
    baseline.bins[i] = {bin.n, bin.s};
    if (bin.blocks < 2 || bin.s == 0 || bin.s == bin.n) continue;
    pearson += bin.Pearson(double(bin.s) / double(bin.n));
    freedom += bin.blocks - 1;
  }
  if (freedom > 0) baseline.dispersion = pearson / double(freedom);
  baseline.tempering = options_.tempering_margin * std::max(1.0, baseline.dispersion);
  return baseline;
}

void CalibrationWatch::Arm(CalibrationBaseline baseline) {
  baseline_ = baseline;
  limits_.clear();
  for (const Count& bin : baseline.bins) limits_.push_back(MakeCalibrationLimits(bin));
  detector_.emplace(static_cast<int>(kCalibrationChanges.size()), threshold_);
  learned_ = {};
  missing_.reset();
}

std::optional<DriftAlarm> CalibrationWatch::Step(PaneIndex pane, const BinCounts& counts) {
  if (std::all_of(counts.begin(), counts.end(), [](const Count& bin) { return bin.n == 0; })) {
    return std::nullopt;
  }
  if (!detector_ && period_ && period_.After(pane, options_.pane_width)) {
    if (!first_) {
      period_ = {};  // Nothing was there in the period: it is learned from now on.
    } else if (Learned() >= options_.fewest_events) {
      Arm(Learn());
    } else {
      missing_ = period_.Text() + " had only " + *StillMissing();
      return std::nullopt;
    }
  }
  if (!detector_) {
    if (period_ && period_.Before(pane, options_.pane_width)) return std::nullopt;
    if (!first_) first_ = pane;
    last_ = pane;
    for (std::size_t i = 0; i < counts.size(); ++i) learned_[i].Add(counts[i]);
    missing_ = StillMissing();
    if (period_) missing_ = "the end of " + period_.Text();
    if (!missing_) Arm(Learn());
    return std::nullopt;
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
  out.Bool(static_cast<bool>(period_));
  for (const BlockSums& bin : learned_) WriteBlockSums(out, bin);
  out.Bool(first_.has_value());
  if (first_) out.Signed(*first_);
  out.Signed(last_);
}

bool CalibrationWatch::Load(ByteReader& in) {
  if (in.Bool()) {
    const CalibrationBaseline baseline = ReadCalibrationBaseline(in);
    if (in.bad() || baseline.pane_width != options_.pane_width) return false;
    Arm(baseline);
    return detector_->Load(in);
  }
  if (!in.Bool()) period_ = {};
  for (BlockSums& bin : learned_) bin = ReadBlockSums(in);
  if (in.Bool()) first_ = in.Signed();
  last_ = in.Signed();
  missing_ = StillMissing();
  if (period_) missing_ = "the end of " + period_.Text();
  return !in.bad();
}

void WriteCalibrationBaseline(ByteWriter& out, const CalibrationBaseline& baseline) {
  out.Signed(baseline.pane_width.count());
  for (const Count& bin : baseline.bins) WriteCount(out, bin);
  out.Signed(baseline.first);
  out.Signed(baseline.panes);
  out.Real(baseline.dispersion);
  out.Real(baseline.tempering);
}

CalibrationBaseline ReadCalibrationBaseline(ByteReader& in) {
  CalibrationBaseline baseline;
  baseline.pane_width = Duration(in.Signed());
  for (Count& bin : baseline.bins) bin = ReadCount(in);
  baseline.first = in.Signed();
  baseline.panes = in.Signed();
  baseline.dispersion = in.Real();
  baseline.tempering = in.Real();
  const bool valid = baseline.pane_width > Duration{} && baseline.panes > 0 &&
                     baseline.dispersion >= 0 && baseline.tempering >= 1;
  if (!valid) in.Refuse();
  return baseline;
}

}  // namespace guardwatch
