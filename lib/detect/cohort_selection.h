#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace guardwatch {

// Which of many streams have changed: e-d-BH on the current evidence of each. With K streams it
// names the k with most evidence, k the largest for which the k-th has at least epoch_steps * K /
// (k * level). The expected share of false names, at whatever time one looks within `epoch_steps`
// steps, is at most `level`, under any dependence between streams. Evidence must be current:
// running maxima would void this. Dandapanthula & Ramdas (2025), arXiv 2501.04130. With epoch_steps
// = 1 it is e-BH on e-values: Wang & Ramdas (2022), JRSS-B 84:822-852.
//
// Returns indices, most evidence first, on a tie the smaller index first.
std::vector<std::size_t> SelectByEvidence(std::span<const double> evidence, double epoch_steps,
                                          double level = 0.1);

}  // namespace guardwatch
