#pragma once

#include <span>
#include <string>
#include <string_view>

namespace guardwatch {

// " (did you mean `x`?)" with the candidate that takes the fewest edits to reach from `name`, or
// the list of all candidates where none is near.
std::string NearMatchHint(std::string_view name, std::span<const std::string_view> candidates);

}  // namespace guardwatch
