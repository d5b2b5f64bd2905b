#include "loss_csv.h"

#include <algorithm>
#include <array>

namespace guardwatch {
namespace {

bool IsLabelName(std::string_view text) {
  constexpr std::array<std::string_view, 5> kNames{"label", "y", "y_true", "target", "class"};
  return std::find(kNames.begin(), kNames.end(), text) != kNames.end();
}

bool IsValue(std::string_view text) { return ParseNumber(text) || ParseLabel(text); }

}  // namespace

bool LossCsv::Start(std::string_view line) {
  const std::size_t at = line.find_first_of(",;\t");
  if (at != std::string_view::npos) separator_ = line[at];
  Split(line);
  const auto name = std::find_if(fields_.begin(), fields_.end(),
                                 [](const Field& field) { return IsLabelName(field.text); });
  const bool header =
      name != fields_.end() || std::none_of(fields_.begin(), fields_.end(),
                                            [](const Field& field) { return IsValue(field.text); });
  if (!header) return false;
  label_at_ = name == fields_.end() ? 0 : static_cast<std::size_t>(name - fields_.begin());
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (i == label_at_) continue;
    names_.emplace_back(fields_[i].text);
    numeric_names_ = numeric_names_ || ParseLabel(fields_[i].text).has_value();
  }
  return true;
}

std::optional<LineError> LossCsv::Read(std::string_view line, LossRow& row) {
  Split(line);
  row.values.clear();
  row.logits = false;
  if (fields_.size() < 2) {
    return LineError{1,
                     "expected a label and at least one number, separated by commas, "
                     "semicolons or tabs"};
  }
  if (!names_.empty() && fields_.size() != names_.size() + 1) {
    return LineError{1, std::to_string(fields_.size()) + " columns, the header has " +
                            std::to_string(names_.size() + 1)};
  }
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const auto& [text, column] = fields_[i];
    if (i == label_at_) {
      const auto label = Label(text);
      if (!label) {
        return LineError{column,
                         "label " + Quoted(text) + ": expected the number of a class, 0, 1..."};
      }
      row.label = *label;
      row.label_column = column;
      continue;
    }
    const auto number = ParseNumber(text);
    if (!number) return LineError{column, Quoted(text) + ": expected a finite number"};
    row.values.push_back({*number, column});
  }
  return std::nullopt;
}

std::optional<std::uint32_t> LossCsv::Label(std::string_view text) const {
  if (names_.size() > 1) {
    const auto name = std::find(names_.begin(), names_.end(), text);
    if (name != names_.end()) return static_cast<std::uint32_t>(name - names_.begin());
    if (numeric_names_) return std::nullopt;
  }
  return ParseLabel(text);
}

void LossCsv::Split(std::string_view line) {
  fields_.clear();
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = std::min(line.find(separator_, begin), line.size());
    std::size_t from = begin;
    std::size_t to = end;
    while (from < to && line[from] == ' ') ++from;
    while (to > from && line[to - 1] == ' ') --to;
    if (to - from >= 2 && line[from] == '"' && line[to - 1] == '"') {
      ++from;
      --to;
    }
    fields_.push_back({line.substr(from, to - from), from + 1});
    if (end == line.size()) return;
    begin = end + 1;
  }
}

}  // namespace guardwatch
