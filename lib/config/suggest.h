#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace guardwatch {

// The number of insertions, deletions, replacements and swaps of neighbours that turn one word into
// the other (optimal string alignment), or anything above `limit` if there are more than that.
std::size_t EditDistance(std::string_view a, std::string_view b, std::size_t limit);

// The candidate that `word` was probably meant to be: at most two edits away, fewer for short
// words. The first of equally near ones.
std::optional<std::string> NearMatch(std::string_view word,
                                     std::span<const std::string> candidates);

// "did you mean 'threshold'?", or "" if nothing is near.
std::string DidYouMean(std::string_view word, std::span<const std::string> candidates);

}  // namespace guardwatch
