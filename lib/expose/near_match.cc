#include "expose/near_match.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace guardwatch {
namespace {

// Levenshtein's distance, one row at a time.
std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string NearMatchHint(std::string_view name, std::span<const std::string_view> candidates) {
  constexpr std::size_t kLongestName = 64;  // Longer ones are no typing errors.
  std::string_view nearest;
  std::size_t least = std::max<std::size_t>(name.size() / 2, 1) + 1;
  for (const std::string_view candidate : candidates) {
    if (name.size() > kLongestName) break;
    const std::size_t distance = EditDistance(name, candidate);
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  if (!nearest.empty()) return " (did you mean `" + std::string(nearest) + "`?)";
  std::string hint;
  for (const std::string_view candidate : candidates) {
    hint += (hint.empty() ? " (known: " : ", ") + std::string(candidate);
  }
  return hint.empty() ? hint : hint + ")";
}

}  // namespace guardwatch
