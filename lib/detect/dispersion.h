#pragma once

#include <cstdint>
#include <span>

#include "detect/e_factors.h"

namespace guardwatch {

// Sums over blocks of events from which Pearson's dispersion statistic follows for any rate, so
// that blocks need not be kept until the rate is known. Order of Add fixes the bits.
struct BlockSums {
  std::int64_t blocks = 0;
  std::int64_t n = 0;
  std::int64_t s = 0;
  double s_squared_per_n = 0;  // Sum of s^2 / n.

  void Add(Count block);  // Blocks without events are no blocks.

  // Sum over blocks of (s - n p)^2 / (n p (1 - p)); 0 for p = 0 or 1.
  double Pearson(double rate) const;
  double MeanEvents() const { return blocks == 0 ? 0.0 : double(n) / double(blocks); }

  friend bool operator==(const BlockSums&, const BlockSums&) = default;
};

// Over-dispersion phi of blocks around their common rate: 1 for independent events, k if they come
// in bursts of k with one outcome. Needs two blocks with events; 0 if there are not, or if all
// outcomes are the same. McCullagh & Nelder (1989), section 4.5.
double OverDispersion(std::span<const Count> blocks);

// Relative standard deviation of the rate itself, as far as it survives averaging over blocks of
// `mean_events`: what makes long blocks more dispersed than short ones. 0 if they are not.
double SlowRelativeSd(double phi_short, double phi_long, double rate, double mean_events);

}  // namespace guardwatch
