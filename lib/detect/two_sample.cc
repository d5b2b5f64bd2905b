#include "detect/two_sample.h"

#include <algorithm>
#include <utility>

#include "detect/record.h"

namespace guardwatch {
namespace {

constexpr double kTemperingMargin = 1.25;
constexpr int kComponents = 2 * static_cast<int>(kLifts.size());

double Dispersion(const BlockSums& blocks) {
  if (blocks.blocks < 2) return 1;
  const double rate = double(blocks.s) / double(blocks.n);
  return std::max(1.0, blocks.Pearson(rate) / double(blocks.blocks - 1));
}

}  // namespace

TwoSampleDetector::TwoSampleDetector(double threshold) : threshold_(AlarmThreshold::Of(threshold)) {
  state_.evidence = Evidence::Start(kComponents, 0);
}

std::optional<DriftAlarm> TwoSampleDetector::Step(PaneIndex pane, Count a, Count b) {
  if (!std::exchange(state_.started, true))
    state_.evidence = Evidence::Start(kComponents, pane - 1);
  const auto add = [](Count& to, Count from) {
    to.n += from.n;
    to.s += from.s;
  };
  add(state_.pending_a, a);
  add(state_.pending_b, b);
  const Count block_a = state_.pending_a;
  const Count block_b = state_.pending_b;
  if (block_a.n == 0 || block_b.n == 0) return std::nullopt;
  if (block_a.n + block_b.n < StepPool::kFewestEvents) return std::nullopt;
  state_.pending_a = state_.pending_b = {};

  if (state_.blocks_a.blocks >= kFewestBlocks) {
    const double seen_n = double(state_.blocks_a.n) + double(state_.blocks_b.n);
    const double seen_s = double(state_.blocks_a.s) + double(state_.blocks_b.s);
    const double common = (seen_s + 0.5) / (seen_n + 1.0);
    const double tempering =
        kTemperingMargin * std::max(Dispersion(state_.blocks_a), Dispersion(state_.blocks_b));
    std::array<double, kComponents> log_factors;
    for (std::size_t k = 0; k < log_factors.size(); ++k) {
      const double lift = kLifts[k % kLifts.size()];
      const double guess_a = ShiftOdds(common, k < kLifts.size() ? lift : 1.0 / lift);
      log_factors[k] = LogTwoGroupFactor(block_a, block_b, guess_a, common) / tempering;
    }
    state_.evidence.Step(pane, log_factors, threshold_.Cap());
  }
  state_.blocks_a.Add(block_a);
  state_.blocks_b.Add(block_b);
  if (!(evidence() >= threshold())) return std::nullopt;
  const bool up = state_.evidence.Leading() < static_cast<int>(kLifts.size());
  const DriftAlarm alarm{
      pane,        up ? Direction::kUp : Direction::kDown, evidence(),
      threshold(), state_.evidence.LastQuietPane(),        state_.evidence.Leading()};
  state_.evidence = Evidence::Start(kComponents, pane);
  threshold_.Reset();
  return alarm;
}

void TwoSampleDetector::Save(ByteWriter& out) const {
  WriteThreshold(out, threshold_);
  WriteEvidence(out, state_.evidence);
  WriteCount(out, state_.pending_a);
  WriteCount(out, state_.pending_b);
  WriteBlockSums(out, state_.blocks_a);
  WriteBlockSums(out, state_.blocks_b);
  out.Bool(state_.started);
}

bool TwoSampleDetector::Load(ByteReader& in) {
  AlarmThreshold threshold = ReadThreshold(in);
  State state;
  state.evidence = ReadEvidence(in);
  state.pending_a = ReadCount(in);
  state.pending_b = ReadCount(in);
  state.blocks_a = ReadBlockSums(in);
  state.blocks_b = ReadBlockSums(in);
  state.started = in.Bool();
  if (in.bad() || state.evidence.components != kComponents) return false;
  threshold.Set(threshold_.next);
  threshold_ = threshold;
  state_ = state;
  return true;
}

}  // namespace guardwatch
