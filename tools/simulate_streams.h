#pragma once

#include <cstdint>

#include "detect/e_factors.h"
#include "simulate_random.h"
#include "window/pane.h"

namespace guardwatch {

// How a made-up stream of outcomes behaves while nothing is wrong.
struct StreamOptions {
  double rate = 0.02;  // Of successes, in (0, 1).
  double events_per_s = 100;
  Duration pane_width = kPaneWidth;
  double dispersion = 1;        // phi of a pane's count: beta-binomial; at least 1.
  double wander_sd = 0;         // Relative sd of the rate: an AR(1) process in the log-odds,
  double wander_memory = 0.98;  // with this correlation from pane to pane, in [0, 1).
  double daily = 0;             // Relative amplitude of a daily cycle of the rate, in [0, 1).
};

class SimulatedStream {
 public:
  SimulatedStream(const StreamOptions& options, std::uint64_t seed);

  // The count of this pane. `rate` replaces that of the options: a step change, with everything
  // else about the stream going on.
  Count Next(PaneIndex pane, double rate);
  Count Next(PaneIndex pane) { return Next(pane, options_.rate); }

  std::int64_t events_per_pane() const { return events_; }

 private:
  StreamOptions options_;
  Random random_;
  std::int64_t events_;
  double wander_ = 0;  // In log-odds.
};

}  // namespace guardwatch
