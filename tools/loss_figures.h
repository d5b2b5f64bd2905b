#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "loss_report.h"
#include "stats/loss_calculator.h"

namespace guardwatch {

// One printed number: what it is called in JSON and CSV, and what a person is told about it.
struct LossFigure {
  std::string_view name;
  std::optional<double> value;
  std::string_view note;
};

std::vector<LossFigure> LossFigures(const LossSummary& summary, const LossReportOptions& options);

// Whether e^(-sum of losses) is the product of the probabilities: `agree`, `differ`, or
// `not_comparable` where a factor does not fit a double.
std::string_view ProductCheck(const LossSummary& summary);

}  // namespace guardwatch
