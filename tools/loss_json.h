#pragma once

#include <optional>
#include <string_view>

#include "loss_input.h"

namespace guardwatch {

// One line of JSON with a `label` and one of `p`, `probs`, `logit`, `logits`; other members are
// passed over. Nullopt if it is a row, now in `row`. Reads by itself, not through the event codec,
// because it has to say in which column it stopped.
std::optional<LineError> ReadLossJson(std::string_view line, LossRow& row);

}  // namespace guardwatch
