#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "loss_input.h"

namespace guardwatch {

struct LossReadOptions {
  std::string file = "-";       // "-": standard input.
  std::string format = "auto";  // auto, csv or json.
  bool from_logits = false;     // CSV cannot say; JSON members say themselves.
};

struct LossReadResult {
  static constexpr std::size_t kShownErrors = 10;

  LossInput input;
  std::vector<std::string> errors;  // "file:line:column: what", the first ones.
  std::uint64_t bad_lines = 0;
};

// Reads all of a file, and goes on after a bad line. Probabilities are in [0, 1], those of several
// classes sum to 1 within 1e-6, and labels name a class.
LossReadResult ReadLoss(const LossReadOptions& options);

}  // namespace guardwatch
