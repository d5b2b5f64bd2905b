#include "detect/mean_baseline.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "detect/learning_phase.h"
#include "detect/record.h"

namespace guardwatch {

double MeanBaseline::EventsPerDay() const {
  if (panes == 0) return 0;
  return double(n) / double(panes) * double(Duration(std::chrono::hours(24)).count()) /
         double(pane_width.count());
}

MeanLearner::MeanLearner(const BaselineOptions& options, double least_margin)
    : options_(options), least_margin_(least_margin) {}

void MeanLearner::Scale::Close() {
  if (open.n == 0) return;
  ++blocks;
  sum_squared_per_n += open.sum * open.sum / double(open.n);
  open = {};
}

void MeanLearner::Add(PaneIndex pane, std::span<const WeightedValue> values) {
  GUARDWATCH_CHECK(!first_ || pane > last_);
  Block block;
  for (const WeightedValue& x : values) {
    block.n += x.count;
    block.sum += double(x.count) * x.value;
    sum_squared_ += double(x.count) * x.value * x.value;
  }
  if (block.n == 0) return;
  if (!first_) first_ = pane;
  last_ = pane;
  n_ += block.n;
  sum_ += block.sum;
  for (std::size_t i = 0; i < scales_.size(); ++i) {
    Scale& scale = scales_[i];
    const std::int64_t index = FloorDivide(pane, MeanBaseline::kScales[i]);
    if (index != scale.index) scale.Close();
    scale.index = index;
    scale.open.n += block.n;
    scale.open.sum += block.sum;
  }
}

bool MeanLearner::EnoughToTake() const {
  return n_ >= options_.fewest_events && scales_[0].blocks + (scales_[0].open.n > 0 ? 1 : 0) >= 2;
}

std::optional<std::string> MeanLearner::Missing() const {
  const std::int64_t panes = first_ ? last_ - *first_ + 1 : 0;
  if (n_ < options_.fewest_events) return PartOf(n_, options_.fewest_events, "events");
  if (panes < options_.fewest_panes) return PartOf(panes, options_.fewest_panes, "panes");
  return std::nullopt;
}

// phi of a scale's blocks around the common mean; 0 if there are too few to say.
double MeanLearner::Dispersion(Scale scale, double mean, double variance) const {
  scale.Close();
  if (scale.blocks < 2 || variance <= 0) return 0;
  const double between = std::max(0.0, scale.sum_squared_per_n - double(n_) * mean * mean);
  return between / (variance * double(scale.blocks - 1));
}

MeanBaseline MeanLearner::Learn() const {
  GUARDWATCH_CHECK(n_ > 0);
  MeanBaseline baseline;
  baseline.pane_width = options_.pane_width;
  baseline.n = n_;
  baseline.first = *first_;
  baseline.panes = last_ - *first_ + 1;
  const double n = double(n_);
  const double mean = baseline.mean = sum_ / n;
  const double variance = std::max(0.0, sum_squared_ / n - mean * mean);
  baseline.sd = std::sqrt(variance);
  baseline.dispersion = Dispersion(scales_[0], mean, variance);
  Scale slow = scales_[1];
  slow.Close();
  if (slow.blocks >= options_.fewest_blocks && mean > 0) {
    const double excess = Dispersion(scales_[1], mean, variance) - baseline.dispersion;
    const double per_block = n / double(slow.blocks);
    baseline.slow_sd = std::sqrt(std::max(0.0, excess) * variance / per_block) / mean;
  }
  const double fast = std::max(1.0, baseline.dispersion);
  baseline.tempering = options_.tempering_margin * fast;
  baseline.tolerance = std::max(options_.least_tolerance, options_.slow_sds * baseline.slow_sd);
  const double upper = mean + kZ99OneSided * baseline.sd * std::sqrt(fast / n);
  // Where nothing but zeros was seen, the mean may still be as large as a rate never seen.
  const double never_seen = kZ99OneSided * kZ99OneSided / (n + kZ99OneSided * kZ99OneSided);
  baseline.limit = std::max(
      {upper, (1 + baseline.tolerance) * mean, mean + least_margin_, mean > 0 ? 0.0 : never_seen});
  return baseline;
}

void MeanLearner::Save(ByteWriter& out) const {
  out.Signed(n_);
  out.Real(sum_);
  out.Real(sum_squared_);
  out.Bool(first_.has_value());
  if (first_) out.Signed(*first_);
  out.Signed(last_);
  for (const Scale& scale : scales_) {
    out.Signed(scale.blocks);
    out.Real(scale.sum_squared_per_n);
    out.Signed(scale.open.n);
    out.Real(scale.open.sum);
    out.Signed(scale.index);
  }
}

bool MeanLearner::Load(ByteReader& in) {
  n_ = ReadCounter(in);
  sum_ = ReadAmount(in);
  sum_squared_ = ReadAmount(in);
  if (in.Bool()) first_ = in.Signed();
  last_ = in.Signed();
  for (Scale& scale : scales_) {
    scale.blocks = ReadCounter(in);
    scale.sum_squared_per_n = ReadAmount(in);
    scale.open.n = ReadCounter(in);
    scale.open.sum = ReadAmount(in);
    scale.index = in.Signed();
  }
  if ((n_ > 0) != first_.has_value()) in.Refuse();
  return !in.bad();
}

void WriteMeanBaseline(ByteWriter& out, const MeanBaseline& baseline) {
  out.Signed(baseline.pane_width.count());
  out.Signed(baseline.n);
  out.Signed(baseline.first);
  out.Signed(baseline.panes);
  for (const double value : {baseline.mean, baseline.sd, baseline.dispersion, baseline.slow_sd,
                             baseline.tempering, baseline.tolerance, baseline.limit}) {
    out.Real(value);
  }
}

MeanBaseline ReadMeanBaseline(ByteReader& in) {
  MeanBaseline baseline;
  baseline.pane_width = Duration(in.Signed());
  baseline.n = ReadCounter(in);
  baseline.first = in.Signed();
  baseline.panes = ReadCounter(in);
  for (double* value : {&baseline.mean, &baseline.sd, &baseline.dispersion, &baseline.slow_sd,
                        &baseline.tempering, &baseline.tolerance, &baseline.limit}) {
    *value = ReadAmount(in);
  }
  const bool valid =
      baseline.pane_width > Duration{} && baseline.tempering > 0 && baseline.limit > 0;
  if (!valid) in.Refuse();
  return baseline;
}

}  // namespace guardwatch
