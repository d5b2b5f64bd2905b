#include "detect/two_sample.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "detect/record.h"

namespace guardwatch {
namespace {

constexpr double kTemperingMargin = 1.25;

double Dispersion(const BlockSums& blocks) {
  if (blocks.blocks < 2) return 1;
  const double rate = double(blocks.s) / double(blocks.n);
  return std::max(1.0, blocks.Pearson(rate) / double(blocks.blocks - 1));
}

}  // namespace

TwoSampleEvidence::TwoSampleEvidence(double least_lift, Direction direction) {
  const auto add = [&](bool rises) {
    for (const double lift : kLifts) {
      if (lift < least_lift) continue;
      lifts_[static_cast<std::size_t>(size_++)] = rises ? lift : 1.0 / lift;
    }
  };
  if (direction != Direction::kDown) add(true);
  up_ = size_;
  if (direction != Direction::kUp) add(false);
  GUARDWATCH_CHECK(size_ > 0);
  Reset(0);
}

void TwoSampleEvidence::Step(PaneIndex pane, Count a, Count b, double cap) {
  if (!std::exchange(state_.started, true)) Reset(pane - 1);
  const auto add = [](Count& to, Count from) {
    to.n += from.n;
    to.s += from.s;
  };
  add(state_.pending_a, a);
  add(state_.pending_b, b);
  const Count block_a = state_.pending_a;
  const Count block_b = state_.pending_b;
  if (block_a.n == 0 || block_b.n == 0) return;
  if (block_a.n + block_b.n < StepPool::kFewestEvents) return;
  state_.pending_a = state_.pending_b = {};

  if (state_.blocks_a.blocks >= kFewestBlocks) {
    const double seen_n = double(state_.blocks_a.n) + double(state_.blocks_b.n);
    const double seen_s = double(state_.blocks_a.s) + double(state_.blocks_b.s);
    const double common = (seen_s + 0.5) / (seen_n + 1.0);
    const double tempering =
        kTemperingMargin * std::max(Dispersion(state_.blocks_a), Dispersion(state_.blocks_b));
    std::array<double, Evidence::kComponents> log_factors;
    const auto size = static_cast<std::size_t>(size_);
    for (std::size_t k = 0; k < size; ++k) {
      const double guess_a = ShiftOdds(common, lifts_[k]);
      log_factors[k] = LogTwoGroupFactor(block_a, block_b, guess_a, common) / tempering;
    }
    state_.evidence.Step(pane, std::span(log_factors).first(size), cap);
  }
  state_.blocks_a.Add(block_a);
  state_.blocks_b.Add(block_b);
}

void TwoSampleEvidence::Reset(PaneIndex pane) { state_.evidence = Evidence::Start(size_, pane); }

Direction TwoSampleEvidence::Leading() const {
  return state_.evidence.Leading() < up_ ? Direction::kUp : Direction::kDown;
}

double TwoSampleEvidence::RateOfB() const {
  return state_.blocks_b.n == 0 ? 0.0 : double(state_.blocks_b.s) / double(state_.blocks_b.n);
}

void TwoSampleEvidence::Save(ByteWriter& out) const {
  WriteEvidence(out, state_.evidence);
  WriteCount(out, state_.pending_a);
  WriteCount(out, state_.pending_b);
  WriteBlockSums(out, state_.blocks_a);
  WriteBlockSums(out, state_.blocks_b);
  out.Bool(state_.started);
}

bool TwoSampleEvidence::Load(ByteReader& in) {
  State state;
  state.evidence = ReadEvidence(in);
  state.pending_a = ReadCount(in);
  state.pending_b = ReadCount(in);
  state.blocks_a = ReadBlockSums(in);
  state.blocks_b = ReadBlockSums(in);
  state.started = in.Bool();
  if (in.bad() || state.evidence.components != size_) return false;
  state_ = state;
  return true;
}

TwoSampleDetector::TwoSampleDetector(double threshold, double least_lift, Direction direction)
    : threshold_(AlarmThreshold::Of(threshold)), evidence_(least_lift, direction) {}

std::optional<DriftAlarm> TwoSampleDetector::Step(PaneIndex pane, Count a, Count b) {
  evidence_.Step(pane, a, b, threshold_.Cap());
  if (!(evidence() >= threshold())) return std::nullopt;
  const DriftAlarm alarm{pane,        evidence_.Leading(),       evidence(),
                         threshold(), evidence_.LastQuietPane(), evidence_.LeadingComponent()};
  evidence_.Reset(pane);
  threshold_.Reset();
  return alarm;
}

void TwoSampleDetector::Save(ByteWriter& out) const {
  WriteThreshold(out, threshold_);
  evidence_.Save(out);
}

bool TwoSampleDetector::Load(ByteReader& in) {
  AlarmThreshold threshold = ReadThreshold(in);
  threshold.Set(threshold_.next);
  if (!evidence_.Load(in)) return false;
  threshold_ = threshold;
  return true;
}

}  // namespace guardwatch
