#include "detect/two_sample.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace guardwatch {
namespace {

constexpr double kTemperingMargin = 1.25;
constexpr double kCapInThresholds = 1e6;
constexpr int kComponents = 2 * static_cast<int>(kLifts.size());

double Dispersion(const BlockSums& blocks) {
  if (blocks.blocks < 2) return 1;
  const double rate = double(blocks.s) / double(blocks.n);
  return std::max(1.0, blocks.Pearson(rate) / double(blocks.blocks - 1));
}

}  // namespace

TwoSampleDetector::TwoSampleDetector(double threshold) : threshold_(threshold) {
  GUARDWATCH_CHECK(threshold > 0);
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
    state_.evidence.Step(pane, log_factors, kCapInThresholds * threshold_);
  }
  state_.blocks_a.Add(block_a);
  state_.blocks_b.Add(block_b);
  if (!(evidence() >= threshold_)) return std::nullopt;
  const bool up = state_.evidence.Leading() < static_cast<int>(kLifts.size());
  const DriftAlarm alarm{pane, up ? Direction::kUp : Direction::kDown, evidence(), threshold_,
                         state_.evidence.LastQuietPane()};
  state_.evidence = Evidence::Start(kComponents, pane);
  return alarm;
}

}  // namespace guardwatch
