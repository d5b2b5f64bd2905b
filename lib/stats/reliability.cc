#include "stats/reliability.h"

#include <cmath>
#include <numbers>

namespace guardwatch {

void ReliabilityBins::Add(Score score, bool positive, int sign) {
  if (bins_.empty()) bins_.resize(kReliabilityBins);
  ReliabilityBin& bin = bins_[static_cast<std::size_t>(BinOf(score))];
  bin.labeled += sign;
  bin.positive += positive ? sign : 0;
  bin.score_q += sign * std::int64_t{score.q};
}

bool ReliabilityBins::empty() const {
  for (const ReliabilityBin& bin : bins_) {
    if (bin != ReliabilityBin{}) return false;
  }
  return true;
}

void ReliabilityBins::Clear() {
  for (ReliabilityBin& bin : bins_) bin = {};
}

ReliabilityBins& ReliabilityBins::operator+=(const ReliabilityBins& other) {
  if (other.bins_.empty()) return *this;
  if (bins_.empty()) bins_.resize(kReliabilityBins);
  for (std::size_t i = 0; i < bins_.size(); ++i) {
    bins_[i].labeled += other.bins_[i].labeled;
    bins_[i].positive += other.bins_[i].positive;
    bins_[i].score_q += other.bins_[i].score_q;
  }
  return *this;
}

ReliabilityBins& ReliabilityBins::operator-=(const ReliabilityBins& other) {
  if (other.bins_.empty()) return *this;
  if (bins_.empty()) bins_.resize(kReliabilityBins);
  for (std::size_t i = 0; i < bins_.size(); ++i) {
    bins_[i].labeled -= other.bins_[i].labeled;
    bins_[i].positive -= other.bins_[i].positive;
    bins_[i].score_q -= other.bins_[i].score_q;
  }
  return *this;
}

bool operator==(const ReliabilityBins& a, const ReliabilityBins& b) {
  for (int i = 0; i < kReliabilityBins; ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

std::optional<CalibrationError> ExpectedCalibrationError(const ReliabilityBins& bins) {
  std::int64_t n = 0;
  double gap_mass = 0;       // sum n_b |f_b - o_b|
  double signed_mass = 0;    // sum n_b (f_b - o_b)
  double variance = 0;       // sum V_b
  double root_variance = 0;  // sum sqrt(V_b)
  for (int i = 0; i < kReliabilityBins; ++i) {
    const ReliabilityBin bin = bins[i];
    if (bin.labeled <= 0) continue;
    n += bin.labeled;
    const double expected = double(bin.score_q) / double{kScoreOne};
    const double gap = expected - double(bin.positive);
    gap_mass += std::abs(gap);
    signed_mass += gap;
    const double mean = expected / double(bin.labeled);
    const double v = double(bin.labeled) * mean * (1.0 - mean);
    variance += v;
    root_variance += std::sqrt(v);
  }
  if (n == 0) return std::nullopt;
  constexpr double kTwoOverPi = 2.0 * std::numbers::inv_pi;
  return CalibrationError{.ece = gap_mass / double(n),
                          .noise_floor = std::sqrt(kTwoOverPi) * root_variance / double(n),
                          .noise_sd = std::sqrt((1.0 - kTwoOverPi) * variance) / double(n),
                          .signed_gap = signed_mass / double(n),
                          .n = n};
}

}  // namespace guardwatch
