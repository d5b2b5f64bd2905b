#include "detect/dispersion.h"

#include <algorithm>
#include <cmath>

namespace guardwatch {

void BlockSums::Add(Count block) {
  if (block.n == 0) return;
  ++blocks;
  n += block.n;
  s += block.s;
  s_squared_per_n += double(block.s) * double(block.s) / double(block.n);
}

double BlockSums::Pearson(double rate) const {
  if (!(rate > 0 && rate < 1)) return 0;
  const double squares = s_squared_per_n - 2.0 * rate * double(s) + rate * rate * double(n);
  return std::max(0.0, squares) / (rate * (1.0 - rate));
}

double OverDispersion(std::span<const Count> blocks) {
  BlockSums sums;
  for (const Count& block : blocks) sums.Add(block);
  if (sums.blocks < 2) return 0;
  return sums.Pearson(double(sums.s) / double(sums.n)) / double(sums.blocks - 1);
}

double SlowRelativeSd(double phi_short, double phi_long, double rate, double mean_events) {
  if (!(rate > 0 && mean_events > 0)) return 0;
  return std::sqrt(std::max(0.0, phi_long - phi_short) * (1.0 - rate) / (mean_events * rate));
}

}  // namespace guardwatch
