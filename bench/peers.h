#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

// Change detectors that are in wide use, written from their papers, for comparison. Each takes one
// outcome at a time, returns true when it alarms, and then starts again.

namespace guardwatch {

// Page (1954), Biometrika 41:100-115; Hinkley (1971). Both directions: cumulated deviations from
// the running mean, less `delta`, above their minimum by more than `lambda`.
class PageHinkley {
 public:
  PageHinkley(double delta, double lambda) : delta_(delta), lambda_(lambda) {}

  bool Add(bool x) {
    ++n_;
    const double value = x ? 1 : 0;
    mean_ += (value - mean_) / double(n_);
    up_ = std::max(0.0, up_ + value - mean_ - delta_);  // The sum less its minimum.
    down_ = std::max(0.0, down_ - value + mean_ - delta_);
    if (n_ < 30 || (up_ <= lambda_ && down_ <= lambda_)) return false;
    *this = PageHinkley(delta_, lambda_);
    return true;
  }

 private:
  double delta_;
  double lambda_;
  std::int64_t n_ = 0;
  double mean_ = 0;
  double up_ = 0;
  double down_ = 0;
};

// Gama, Medas, Castillo & Rodrigues (2004), SBIA. A rise only: mean and its standard error above
// the smallest that were seen, by `level` standard errors (3 in the paper).
class Ddm {
 public:
  explicit Ddm(double level) : level_(level) {}

  bool Add(bool x) {
    ++n_;
    s_ += x ? 1 : 0;
    if (n_ < 30) return false;
    const double p = double(s_) / double(n_);
    const double sd = std::sqrt(p * (1 - p) / double(n_));
    if (s_ > 0 && p + sd < least_) {
      least_ = p + sd;
      least_p_ = p;
      least_sd_ = sd;
    }
    if (!(p + sd > least_p_ + level_ * least_sd_)) return false;
    *this = Ddm(level_);
    return true;
  }

 private:
  double level_;
  std::int64_t n_ = 0;
  std::int64_t s_ = 0;
  double least_ = std::numeric_limits<double>::infinity();
  double least_p_ = std::numeric_limits<double>::infinity();
  double least_sd_ = 0;
};

// ADWIN2: Bifet & Gavalda (2007), SDM. An exponential histogram of the window with five buckets per
// size; the window is cut where the means of its two parts differ by more than epsilon_cut. Cuts
// are looked for every 32 outcomes.
class Adwin {
 public:
  explicit Adwin(double delta) : delta_(delta) {}

  bool Add(bool x) {
    Insert(x);
    return ++clock_ % 32 == 0 && Cut();
  }

 private:
  static constexpr std::size_t kPerRow = 5;
  static constexpr std::size_t kRows = 40;

  // Row i holds buckets of 2^i outcomes, oldest first.
  struct Row {
    std::array<std::int64_t, kPerRow + 1> s{};
    std::size_t used = 0;

    void Push(std::int64_t successes) { s[used++] = successes; }
    void PopOldest(std::size_t count) {
      for (std::size_t i = count; i < used; ++i) s[i - count] = s[i];
      used -= count;
    }
  };

  void Insert(bool x) {
    rows_[0].Push(x ? 1 : 0);
    ++n_;
    s_ += x ? 1 : 0;
    for (std::size_t i = 0; i + 1 < kRows && rows_[i].used > kPerRow; ++i) {
      const std::int64_t merged = rows_[i].s[0] + rows_[i].s[1];
      rows_[i].PopOldest(2);
      rows_[i + 1].Push(merged);
      top_ = std::max(top_, i + 1);
    }
  }

  // Drops the oldest bucket as long as some cut of the window is significant.
  bool Cut() {
    bool changed = false;
    while (n_ > 10 && Significant()) {
      changed = true;
      n_ -= std::int64_t{1} << top_;
      s_ -= rows_[top_].s[0];
      rows_[top_].PopOldest(1);
      while (top_ > 0 && rows_[top_].used == 0) --top_;
    }
    return changed;
  }

  bool Significant() const {
    const double n = double(n_);
    const double p = double(s_) / n;
    const double log_term = std::log(2 * std::log(n) / delta_);
    double n0 = 0;
    double s0 = 0;
    for (std::size_t i = top_ + 1; i-- > 0;) {
      for (std::size_t j = 0; j < rows_[i].used; ++j) {
        n0 += double(std::int64_t{1} << i);
        s0 += double(rows_[i].s[j]);
        const double n1 = n - n0;
        if (n0 < 5 || n1 < 5) continue;
        const double gap = std::abs(s0 / n0 - (double(s_) - s0) / n1);
        const double inverse = 1 / n0 + 1 / n1;
        const double limit =
            std::sqrt(2 * inverse * p * (1 - p) * log_term) + 2.0 / 3 * inverse * log_term;
        if (gap > limit) return true;
      }
    }
    return false;
  }

  double delta_;
  std::array<Row, kRows> rows_{};
  std::size_t top_ = 0;
  std::int64_t n_ = 0;
  std::int64_t s_ = 0;
  std::int64_t clock_ = 0;
};

}  // namespace guardwatch
