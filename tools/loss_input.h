#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace guardwatch {

// What `guardwatchctl loss` calculates with. Every row has the same number of values: 1 for the
// positive class of two, else one per class.
struct LossInput {
  bool logits = false;
  std::size_t values_per_row = 0;
  std::vector<std::uint32_t> labels;
  std::vector<double> values;        // Row after row.
  std::vector<std::uint64_t> lines;  // Where each row stands, from 1.
};

// One row as it stands in a file.
struct LossRow {
  struct Value {
    double number = 0;
    std::size_t column = 0;  // In bytes, from 1.
  };
  std::uint32_t label = 0;
  std::size_t label_column = 0;
  bool logits = false;
  std::vector<Value> values;
};

// What is wrong with a line, where, and what was expected.
struct LineError {
  std::size_t column = 0;
  std::string message;
};

// A finite number that takes up all of `text`, in any notation of C; nullopt for anything else.
std::optional<double> ParseNumber(std::string_view text);

// The number of a class: 0, 1, 2... or, of two classes, `false` and `true`.
std::optional<std::uint32_t> ParseLabel(std::string_view text);

// `text` in quotes, cut if it is long, for messages.
std::string Quoted(std::string_view text);

}  // namespace guardwatch
