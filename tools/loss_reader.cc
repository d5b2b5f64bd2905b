#include "loss_reader.h"

#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

#include "loss_csv.h"
#include "loss_json.h"
#include "source/line_reader.h"

namespace guardwatch {
namespace {

constexpr double kSumSlack = 1e-6;
constexpr std::string_view kHint = " (raw scores of a model? use --from-logits)";

std::string Text(double number) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, number).ptr};
}

std::string_view WithoutByteOrderMark(std::string_view line) {
  return line.starts_with("\xEF\xBB\xBF") ? line.substr(3) : line;
}

bool IsBlank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

class Reader {
 public:
  explicit Reader(const LossReadOptions& options)
      : options_(options), name_(options.file == "-" ? "stdin" : options.file) {}

  LossReadResult Run() {
    LineReader lines(options_.file == "-" ? "/dev/stdin" : options_.file, 0);
    while (!lines.finished()) {
      lines.Refill();
      if (!lines.error().empty()) {
        result_.errors.push_back(lines.error());
        return std::move(result_);
      }
      while (const auto line = lines.NextLine()) {
        ++line_;
        if (const auto error = TakeLine(line_ == 1 ? WithoutByteOrderMark(*line) : *line)) {
          Report(*error);
        }
      }
    }
    if (result_.bad_lines == 0 && result_.input.labels.empty()) {
      result_.errors.push_back(name_ + ": no rows");
    }
    return std::move(result_);
  }

 private:
  void Report(const LineError& error) {
    if (++result_.bad_lines > LossReadResult::kShownErrors) return;
    result_.errors.push_back(name_ + ":" + std::to_string(line_) + ":" +
                             std::to_string(error.column) + ": " + error.message);
  }

  std::optional<LineError> TakeLine(std::string_view line) {
    if (IsBlank(line)) return std::nullopt;
    if (line.size() > LineReader::kLongestPayload) return LineError{1, "line longer than 1 MiB"};
    if (!json_) {
      const char first = line[line.find_first_not_of(" \t")];
      json_ = options_.format == "json" ||
              (options_.format == "auto" && (first == '{' || first == '['));
      if (!*json_ && csv_.Start(line)) return std::nullopt;
    }
    auto error = *json_ ? ReadLossJson(line, row_) : csv_.Read(line, row_);
    if (!*json_) row_.logits = options_.from_logits;
    if (!error) error = CheckShape();
    if (!error && !row_.logits) error = CheckProbabilities();
    if (!error) Keep();
    return error;
  }

  // All rows are of one kind, and the label is one of their classes.
  std::optional<LineError> CheckShape() const {
    const std::size_t column = row_.values.front().column;
    const LossInput& input = result_.input;
    if (options_.from_logits && !row_.logits) {
      return LineError{
          column, "a probability, but --from-logits was given: expected \"logit\" or \"logits\""};
    }
    if (!input.labels.empty() && row_.logits != input.logits) {
      return LineError{column, std::string(row_.logits ? "logits, expected probabilities"
                                                       : "probabilities, expected logits") +
                                   FirstRow()};
    }
    if (!input.labels.empty() && row_.values.size() != input.values_per_row) {
      return LineError{column, std::to_string(row_.values.size()) + " numbers, expected " +
                                   std::to_string(input.values_per_row) + FirstRow()};
    }
    const std::size_t classes = row_.values.size() == 1 ? 2 : row_.values.size();
    if (row_.label >= classes) {
      return LineError{row_.label_column, "label " + std::to_string(row_.label) + ": expected 0.." +
                                              std::to_string(classes - 1) + ", for " +
                                              std::to_string(classes) + " classes"};
    }
    return std::nullopt;
  }

  std::string FirstRow() const {
    return " as in line " + std::to_string(result_.input.lines.front());
  }

  std::optional<LineError> CheckProbabilities() const {
    double sum = 0;
    for (const auto& [p, column] : row_.values) {
      if (!(p >= 0 && p <= 1)) {
        return LineError{column,
                         Text(p) + ": expected a probability in [0, 1]" + std::string(kHint)};
      }
      sum += p;
    }
    if (row_.values.size() > 1 && std::fabs(sum - 1) > kSumSlack) {
      return LineError{row_.values.front().column, "the probabilities sum to " + Text(sum) +
                                                       ", expected 1 within 1e-6" +
                                                       std::string(kHint)};
    }
    return std::nullopt;
  }

  void Keep() {
    LossInput& input = result_.input;
    input.logits = row_.logits;
    input.values_per_row = row_.values.size();
    input.labels.push_back(row_.label);
    for (const auto& value : row_.values) input.values.push_back(value.number);
    input.lines.push_back(line_);
  }

  const LossReadOptions& options_;
  std::string name_;
  std::uint64_t line_ = 0;
  std::optional<bool> json_;  // Known once there was a line.
  LossCsv csv_;
  LossRow row_;
  LossReadResult result_;
};

}  // namespace

LossReadResult ReadLoss(const LossReadOptions& options) { return Reader(options).Run(); }

}  // namespace guardwatch
