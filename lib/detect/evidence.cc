#include "detect/evidence.h"

#include <algorithm>

#include "base/check.h"
#include "detect/exact_math.h"

namespace guardwatch {

Evidence Evidence::Start(int components, PaneIndex before) {
  GUARDWATCH_CHECK(components >= 0 && components <= kComponents);
  Evidence evidence;
  evidence.components = components;
  evidence.quiet.fill(before);
  return evidence;
}

void Evidence::Step(PaneIndex pane, std::span<const double> log_factors, double cap) {
  GUARDWATCH_CHECK(log_factors.size() == static_cast<std::size_t>(components));
  for (std::size_t k = 0; k < log_factors.size(); ++k) {
    value[k] = std::min((1.0 + value[k]) * ExactExp(log_factors[k]), cap);
    if (value[k] < 1.0) quiet[k] = pane;
  }
  ++steps;
}

double Evidence::Mean() const { return Mean(0, components); }

double Evidence::Mean(int first, int last) const {
  if (first >= last) return 0;
  double sum = 0;
  for (int k = first; k < last; ++k) sum += value[static_cast<std::size_t>(k)];
  return sum / double(last - first);
}

int Evidence::Leading() const {
  const auto end = value.begin() + components;
  return static_cast<int>(std::max_element(value.begin(), end) - value.begin());
}

}  // namespace guardwatch
