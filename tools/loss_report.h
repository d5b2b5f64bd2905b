#pragma once

#include <optional>
#include <string>

#include "loss_input.h"
#include "stats/loss_calculator.h"

namespace guardwatch {

struct LossReportOptions {
  std::string output = "table";    // table, json or csv.
  std::string reduction = "mean";  // mean, sum or none: the loss of each row.
  bool bits = false;               // Instead of nats.
  bool show_working = false;       // How each row's loss comes about.
};

// What is printed about the rows; `calculator` has seen nothing yet. Nullopt if no row has weight.
std::optional<std::string> LossReport(const LossInput& input, LossCalculator calculator,
                                      const LossReportOptions& options);

}  // namespace guardwatch
