#include "config/suggest.h"

#include <algorithm>
#include <vector>

namespace guardwatch {
namespace {

constexpr std::size_t kMostEdits = 2;

}  // namespace

std::size_t EditDistance(std::string_view a, std::string_view b, std::size_t limit) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > limit) return limit + 1;
  // Three rows of the usual table: a swap looks back two.
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before.swap(above);
    above.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    if (*std::min_element(row.begin(), row.end()) > limit) return limit + 1;
  }
  return row[b.size()];
}

std::optional<std::string> NearMatch(std::string_view word,
                                     std::span<const std::string> candidates) {
  std::optional<std::string> nearest;
  // A third of the word may be wrong: 'for' is no typing error of 'name'.
  std::size_t allowed = std::min(kMostEdits, std::max<std::size_t>(1, word.size() / 3));
  for (const std::string& candidate : candidates) {
    const std::size_t distance = EditDistance(word, candidate, allowed);
    if (distance > allowed || (nearest && distance == allowed)) continue;
    nearest = candidate;
    allowed = distance;
  }
  return nearest;
}

std::string DidYouMean(std::string_view word, std::span<const std::string> candidates) {
  const auto near = NearMatch(word, candidates);
  return near ? "did you mean '" + *near + "'?" : "";
}

}  // namespace guardwatch
