#include "detect/cohort_selection.h"

#include <algorithm>
#include <numeric>

#include "base/check.h"

namespace guardwatch {

std::vector<std::size_t> SelectByEvidence(std::span<const double> evidence, double epoch_steps,
                                          double level) {
  GUARDWATCH_CHECK(epoch_steps >= 1 && level > 0 && level <= 1);
  std::vector<std::size_t> order(evidence.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return evidence[a] > evidence[b]; });
  std::size_t selected = 0;
  for (std::size_t k = 1; k <= order.size(); ++k) {
    const double needed = epoch_steps * double(order.size()) / (double(k) * level);
    if (evidence[order[k - 1]] >= needed) selected = k;
  }
  order.resize(selected);
  return order;
}

}  // namespace guardwatch
