#pragma once

#include <cstdint>

namespace guardwatch {

// How many scores are in one bin, in eight bytes: a window of a thin cohort is hundreds of these
// and little else. Bins take 16 bits, counts 48, which is 4 000 years at 1000 scores a second.
class ScoredCount {
 public:
  static constexpr std::int64_t kMost = (std::int64_t{1} << 47) - 1;  // And as many below zero.

  ScoredCount() = default;
  explicit ScoredCount(std::uint16_t bin, std::int64_t scored = 0)
      : bits_(std::uint64_t{bin} << kBits | (static_cast<std::uint64_t>(scored) & kMask)) {}

  std::uint16_t bin() const { return static_cast<std::uint16_t>(bits_ >> kBits); }
  std::int64_t scored() const { return static_cast<std::int64_t>(bits_ << (64 - kBits)) >> 16; }
  void Add(const ScoredCount& other, int sign) {
    *this = ScoredCount(bin(), scored() + sign * other.scored());
  }
  bool zero() const { return (bits_ & kMask) == 0; }
  friend bool operator==(const ScoredCount&, const ScoredCount&) = default;

 private:
  static constexpr int kBits = 48;
  static constexpr std::uint64_t kMask = (std::uint64_t{1} << kBits) - 1;

  std::uint64_t bits_ = 0;
};

// What labels say of the scores of one bin; see HistogramCell.
struct LabeledCount {
  std::uint16_t at = 0;
  std::int64_t negative = 0;
  std::int64_t positive = 0;
  std::int64_t negative_residual = 0;
  std::int64_t positive_residual = 0;

  LabeledCount() = default;
  explicit LabeledCount(std::uint16_t bin) : at(bin) {}

  std::uint16_t bin() const { return at; }
  void Add(const LabeledCount& other, int sign) {
    negative += sign * other.negative;
    positive += sign * other.positive;
    negative_residual += sign * other.negative_residual;
    positive_residual += sign * other.positive_residual;
  }
  bool zero() const {
    return negative == 0 && positive == 0 && negative_residual == 0 && positive_residual == 0;
  }
};

}  // namespace guardwatch
