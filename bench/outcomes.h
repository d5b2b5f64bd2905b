#pragma once

#include <cstdint>

#include "simulate_random.h"
#include "simulate_streams.h"

namespace guardwatch {

// The outcomes of a simulated stream one by one: each pane's count in random order.
class Outcomes {
 public:
  Outcomes(const StreamOptions& options, std::uint64_t seed)
      : stream_(options, seed), order_(seed ^ 0x5bd1e995u), rate_(options.rate) {}

  bool Next() {
    if (left_.n == 0) left_ = stream_.Next(pane_++, rate_);
    const bool x = order_.Uniform() * double(left_.n) < double(left_.s);
    --left_.n;
    left_.s -= x ? 1 : 0;
    return x;
  }
  void ChangeTo(double rate) { rate_ = rate; }  // From the next pane on.

 private:
  SimulatedStream stream_;
  Random order_;
  double rate_;
  PaneIndex pane_ = 0;
  Count left_;
};

}  // namespace guardwatch
