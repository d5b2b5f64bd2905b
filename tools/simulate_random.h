#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace guardwatch {

// Seeded random numbers that are the same with every C++ library, which the standard's
// distributions are not.
class Random {
 public:
  explicit Random(std::uint64_t seed) {
    for (std::uint64_t& word : state_) {  // SplitMix64: Steele, Lea & Flood (2014).
      std::uint64_t z = (seed += 0x9e3779b97f4a7c15u);
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
      z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
      word = z ^ (z >> 31);
    }
  }

  // xoshiro256**: Blackman & Vigna (2021), ACM TOMS 47:36.
  std::uint64_t Bits() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  double Uniform() { return (double(Bits() >> 11) + 0.5) * 0x1p-53; }  // In (0, 1).

  double Normal() {  // Polar method: Marsaglia & Bray (1964).
    for (;;) {
      const double u = 2 * Uniform() - 1;
      const double v = 2 * Uniform() - 1;
      const double s = u * u + v * v;
      if (s < 1) return u * std::sqrt(-2 * std::log(s) / s);
    }
  }

  double Gamma(double shape);                       // Scale 1; shape > 0.
  std::int64_t Binomial(std::int64_t n, double p);  // p in [0, 1].

 private:
  std::array<std::uint64_t, 4> state_;
};

}  // namespace guardwatch
