#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/score.h"

namespace guardwatch {

inline constexpr int kReliabilityBins = 15;

struct ReliabilityBin {
  std::int64_t labeled = 0;
  std::int64_t positive = 0;
  std::int64_t score_q = 0;  // Sum of q of the labelled scores; exact up to 8e9 of them.
  friend bool operator==(const ReliabilityBin&, const ReliabilityBin&) = default;
};

// Labelled scores in 15 equal-width bins with exact integer edges: bin = min(14, (q * 15) >> 30).
// Takes no memory beyond a pointer until the first label.
class ReliabilityBins {
 public:
  static constexpr int BinOf(Score score) {
    const auto bin = static_cast<int>((std::uint64_t{score.q} * kReliabilityBins) >> 30);
    return bin < kReliabilityBins ? bin : kReliabilityBins - 1;
  }

  // Adds (sign +1) or takes back (sign -1) one labelled score.
  void Add(Score score, bool positive, int sign = 1);

  ReliabilityBin operator[](int bin) const {
    return bins_.empty() ? ReliabilityBin{} : bins_[static_cast<std::size_t>(bin)];
  }
  void Set(int bin, const ReliabilityBin& value);
  bool empty() const;
  void Clear();

  ReliabilityBins& operator+=(const ReliabilityBins& other);
  ReliabilityBins& operator-=(const ReliabilityBins& other);
  friend bool operator==(const ReliabilityBins& a, const ReliabilityBins& b);

 private:
  std::vector<ReliabilityBin> bins_;  // Empty or kReliabilityBins long.
};

// Expected calibration error, dimensionless in [0, 1]: sum over bins of n_b/n |f_b - o_b|, with f_b
// the mean score and o_b the observed positive rate of bin b (Naeini, Cooper, Hauskrecht 2015).
//
// A perfectly calibrated model does not have ECE 0 on a finite sample. `noise_floor` is its
// expected ECE, sqrt(2/pi)/n * sum_b sqrt(V_b), and `noise_sd` the standard deviation around it,
// sqrt((1 - 2/pi) sum_b V_b)/n, V_b = n_b f_b (1 - f_b). A value near its floor is no evidence.
struct CalibrationError {
  double ece = 0;
  double noise_floor = 0;
  double noise_sd = 0;
  double signed_gap = 0;  // Mean score - positive rate: > 0 over-predicts, in [-1, 1].
  std::int64_t n = 0;

  double z() const { return noise_sd > 0 ? (ece - noise_floor) / noise_sd : 0.0; }
};

// Nullopt without labelled scores.
std::optional<CalibrationError> ExpectedCalibrationError(const ReliabilityBins& bins);

}  // namespace guardwatch
