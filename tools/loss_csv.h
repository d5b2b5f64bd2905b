#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loss_input.h"

namespace guardwatch {

// Lines of a label and one or more numbers, separated by commas, semicolons or tabs. The first line
// may be a header: it is one if its fields are no numbers, or if one is named as labels are.
//
// The label is in the column named `label`, `y`, `y_true`, `target` or `class`, else in the first.
// With a header and two or more other columns it may also be the name of one of them.
class LossCsv {
 public:
  // The first line, which decides on separator and header. True if it is a header, and no row.
  bool Start(std::string_view line);

  // Nullopt if the line is a row, now in `row`.
  std::optional<LineError> Read(std::string_view line, LossRow& row);

 private:
  struct Field {
    std::string_view text;
    std::size_t column = 0;
  };

  void Split(std::string_view line);
  std::optional<std::uint32_t> Label(std::string_view text) const;

  char separator_ = ',';
  std::size_t label_at_ = 0;
  std::vector<std::string> names_;  // Of the columns of values, if there is a header.
  bool numeric_names_ = false;      // Labels are names then, never positions.
  std::vector<Field> fields_;
};

}  // namespace guardwatch
