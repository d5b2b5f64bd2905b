#include "simulate_streams.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace guardwatch {

SimulatedStream::SimulatedStream(const StreamOptions& options, std::uint64_t seed)
    : options_(options),
      random_(seed),
      events_(std::max<std::int64_t>(
          1, std::llround(options.events_per_s * double(options.pane_width.count()) * 1e-6))),
      wander_(options.wander_sd / (1 - options.rate) * random_.Normal()) {}

Count SimulatedStream::Next(PaneIndex pane, double rate) {
  double p = rate;
  if (options_.daily > 0) {
    const double days = double(pane) * double(options_.pane_width.count()) / 86400e6;
    p *= 1 + options_.daily * std::sin(2 * std::numbers::pi * days);
  }
  p = std::clamp(p, 1e-12, 1 - 1e-12);
  if (options_.wander_sd > 0) {
    // A small change of the log-odds by x changes the rate by x (1 - p), relatively.
    const double sd = options_.wander_sd / (1 - options_.rate);
    const double memory = options_.wander_memory;
    wander_ = memory * wander_ + std::sqrt(1 - memory * memory) * sd * random_.Normal();
    p = 1 / (1 + (1 - p) / p * std::exp(-wander_));
  }
  if (options_.dispersion > 1 && events_ > 1) {
    const double correlation = std::min((options_.dispersion - 1) / double(events_ - 1), 1 - 1e-9);
    const double weight = 1 / correlation - 1;
    const double a = random_.Gamma(p * weight);
    p = a / (a + random_.Gamma((1 - p) * weight));
  }
  return {events_, random_.Binomial(events_, p)};
}

}  // namespace guardwatch
