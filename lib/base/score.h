#pragma once

#include <cmath>
#include <compare>
#include <cstdint>
#include <optional>

// Scores are quantised once, at the door: q = round-half-even(p * 2^30). Every comparison and every
// sum after that is on integers, so merging is exact and order cannot matter.

namespace guardwatch {

inline constexpr std::uint32_t kScoreOne = 1u << 30;
inline constexpr double kScoreSlack =
    1e-9;  // How far outside [0, 1] a number may be and be clamped.

// A probability on the 2^-30 grid. The tag keeps scores and thresholds apart: `score < threshold`
// does not compile, Flags(threshold, score) does.
template <class Tag>
struct Quantized {
  std::uint32_t q = 0;  // In [0, 2^30].

  // Nullopt for NaN and for numbers outside [0, 1] by more than kScoreSlack.
  static std::optional<Quantized> FromProbability(double p) {
    if (!(p >= -kScoreSlack && p <= 1.0 + kScoreSlack)) return std::nullopt;
    return FromClipped(p);
  }
  // Clips to [0, 1] first. NaN becomes 0.
  static Quantized FromClipped(double p) {
    if (!(p > 0.0)) return Quantized{0};
    if (p >= 1.0) return Quantized{kScoreOne};
    // Scaling by a power of two is exact; nearbyint rounds half to even.
    return Quantized{static_cast<std::uint32_t>(std::nearbyint(p * double{kScoreOne}))};
  }

  double probability() const { return double(q) / double{kScoreOne}; }
  friend constexpr auto operator<=>(Quantized, Quantized) = default;
};

using Score = Quantized<struct ScoreTag>;
using Threshold = Quantized<struct ThresholdTag>;

constexpr bool Flags(Threshold threshold, Score score) { return score.q >= threshold.q; }

// The logistic function of a logit, rounded once to the grid. Nullopt for NaN.
inline std::optional<Score> ScoreFromLogit(double logit) {
  if (std::isnan(logit)) return std::nullopt;
  const long double p = 1.0L / (1.0L + std::exp(-static_cast<long double>(logit)));
  return Score{static_cast<std::uint32_t>(std::nearbyint(p * static_cast<long double>(kScoreOne)))};
}

// The closed interval [t - half_width, t + half_width] on quantised, clipped edges.
struct ScoreBand {
  std::uint32_t low = 0;
  std::uint32_t high = 0;

  static ScoreBand Around(double threshold, double half_width) {
    return {Score::FromClipped(threshold - half_width).q,
            Score::FromClipped(threshold + half_width).q};
  }
  constexpr bool Contains(Score score) const { return low <= score.q && score.q <= high; }
};

// Cross-entropy of one labelled score in units of 2^-24 nats, rounded half to even; the probability
// is clipped to [2^-31, 1 - 2^-31], so one event costs at most 21.49 nats.
inline std::int64_t LogLossQ24(Score score, bool positive) {
  constexpr double kFloor = 0x1p-31;
  const double p = score.probability();
  const double clipped = p < kFloor ? kFloor : (p > 1.0 - kFloor ? 1.0 - kFloor : p);
  const double nats = -std::log(positive ? clipped : 1.0 - clipped);
  return static_cast<std::int64_t>(std::nearbyint(nats * 0x1p24));
}

}  // namespace guardwatch
