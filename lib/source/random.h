#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>

#include "base/hash.h"
#include "base/int128.h"
#include "base/time.h"

namespace guardwatch {

// One point of a distribution function: `cumulative` parts per million of the draws are at most
// `value`.
struct QuantilePoint {
  std::uint32_t cumulative = 0;
  std::uint32_t value = 0;
};

// xoshiro256** (Blackman, Vigna 2018), seeded by SplitMix64. Everything drawn from it is computed
// in integers or by single IEEE operations, so that every machine and compiler draws the same.
class Random {
 public:
  explicit Random(std::uint64_t seed) {
    for (std::uint64_t& word : state_) {
      seed += 0x9e3779b97f4a7c15ULL;
      word = Mix64(seed);
    }
  }

  std::uint64_t Next() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  // Uniform in [0, bound). The bias is below bound / 2^64.
  std::uint32_t Below(std::uint32_t bound) {
    return static_cast<std::uint32_t>(((Next() >> 32) * bound) >> 32);
  }

  // True with probability `share`.
  bool Chance(double share) { return static_cast<double>(Next() >> 11) * 0x1p-53 < share; }

  // Uniform in [low, high).
  Duration Between(Duration low, Duration high) {
    const Int128 span = (high - low).count();
    return low + Duration(static_cast<std::int64_t>((span * Int128{Next()}) >> 64));
  }

  // Inverts a piecewise linear distribution function whose points go from 0 to 1 000 000.
  std::uint32_t Draw(std::span<const QuantilePoint> table) {
    constexpr std::int64_t kPerMillion = 1000;  // Finer than the table, so that segments fill up.
    const auto at = static_cast<std::int64_t>(Below(1'000'000'000));
    std::size_t next = 1;
    while (next + 1 < table.size() && at >= table[next].cumulative * kPerMillion) ++next;
    const QuantilePoint& low = table[next - 1];
    const QuantilePoint& high = table[next];
    const std::int64_t width = (std::int64_t{high.cumulative} - low.cumulative) * kPerMillion;
    const std::int64_t rise = std::int64_t{high.value} - low.value;
    const std::int64_t into = at - low.cumulative * kPerMillion;
    return static_cast<std::uint32_t>(low.value + rise * into / width);
  }

 private:
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace guardwatch
