#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace guardwatch {

struct TriedThreshold {
  double threshold = 0;
  std::int64_t false_alarms = 0;
};

// The lowest threshold of a ladder, each rung a tenth higher, with at most `most` alarms in `steps`
// healthy steps. `make(threshold)` gives a detector; `feed(step, step_all)` calls `step_all` once
// with a function that steps a given detector with the data of that step and says whether it
// alarmed.
template <class Detector, class Make, class Feed>
TriedThreshold ThresholdByTrial(double lowest, int rungs, std::int64_t steps, double most,
                                Make make, Feed feed) {
  std::vector<std::pair<Detector, TriedThreshold>> ladder;
  for (double threshold = lowest; int(ladder.size()) < rungs; threshold *= 1.1) {
    ladder.emplace_back(make(threshold), TriedThreshold{threshold, 0});
  }
  for (std::int64_t step = 0; step < steps; ++step) {
    feed(step, [&](auto step_one) {
      for (auto& [detector, tried] : ladder) tried.false_alarms += step_one(detector) ? 1 : 0;
    });
  }
  for (const auto& [detector, tried] : ladder) {
    if (double(tried.false_alarms) <= most) return tried;
  }
  return ladder.back().second;
}

}  // namespace guardwatch
