#include "detect/calibration_baseline.h"

#include <algorithm>

#include "detect/learning_phase.h"
#include "detect/record.h"

namespace guardwatch {

std::int64_t CalibrationBaseline::Labels() const {
  std::int64_t labels = 0;
  for (const Count& bin : bins) labels += bin.n;
  return labels;
}

void CalibrationLearner::Add(PaneIndex pane, const BinCounts& counts) {
  if (!first_) first_ = pane;
  last_ = pane;
  for (std::size_t i = 0; i < counts.size(); ++i) bins_[i].Add(counts[i]);
}

std::int64_t CalibrationLearner::Labels() const {
  std::int64_t labels = 0;
  for (const BlockSums& bin : bins_) labels += bin.n;
  return labels;
}

std::optional<std::string> CalibrationLearner::Missing() const {
  const std::int64_t panes = first_ ? last_ - *first_ + 1 : 0;
  if (!EnoughToTake()) return PartOf(Labels(), options_.fewest_events, "labels");
  if (panes < options_.fewest_panes) return PartOf(panes, options_.fewest_panes, "panes");
  return std::nullopt;
}

// phi over all bins, each around its own rate: labels of one burst agree in every bin.
CalibrationBaseline CalibrationLearner::Learn() const {
  CalibrationBaseline baseline;
  baseline.pane_width = options_.pane_width;
  baseline.first = *first_;
  baseline.panes = last_ - *first_ + 1;
  double pearson = 0;
  std::int64_t freedom = 0;
  for (std::size_t i = 0; i < bins_.size(); ++i) {
    const BlockSums& bin = bins_[i];
    baseline.bins[i] = {bin.n, bin.s};
    if (bin.blocks < 2 || bin.s == 0 || bin.s == bin.n) continue;
    pearson += bin.Pearson(double(bin.s) / double(bin.n));
    freedom += bin.blocks - 1;
  }
  if (freedom > 0) baseline.dispersion = pearson / double(freedom);
  baseline.tempering = options_.tempering_margin * std::max(1.0, baseline.dispersion);
  return baseline;
}

void CalibrationLearner::Save(ByteWriter& out) const {
  for (const BlockSums& bin : bins_) WriteBlockSums(out, bin);
  out.Bool(first_.has_value());
  if (first_) out.Signed(*first_);
  out.Signed(last_);
}

bool CalibrationLearner::Load(ByteReader& in) {
  for (BlockSums& bin : bins_) bin = ReadBlockSums(in);
  if (in.Bool()) first_ = in.Signed();
  last_ = in.Signed();
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
