#include <cmath>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "commands.h"
#include "loss_reader.h"
#include "loss_report.h"
#include "stats/loss_calculator.h"

namespace guardwatch {
namespace {

constexpr const char* kFooter = R"(Input is a file or standard input, in one of two formats:
  CSV   a label, then the probability of class 1; or a label, then one probability per class.
        Separated by commas, semicolons or tabs, with or without a header line.
  JSON  one object per line: {"label":1,"p":0.9}, {"label":2,"probs":[0.1,0.2,0.7]},
        {"label":1,"logit":2.2} or {"label":0,"logits":[2,-1,0.5]}; other members are ignored.
Labels are class numbers, 0, 1, 2...; false and true of two classes; in CSV with a header, of
several classes also the names of their columns.

What is printed, for labels y and predicted probabilities p:
  loss                log loss: mean of -ln p(what happened); of two classes
                      -[y ln p + (1-y) ln(1-p)]. Logits are never turned into p for it:
                      max(z,0) - z y + ln(1 + e^-|z|), or logsumexp(z) - z_y.
  perplexity          e^(mean loss): as unsure as among so many equally likely classes.
  normalized_entropy  mean loss / label entropy; above 1, the base rate is the better prediction.
  likelihood          e^(-sum of losses), the probability of all labels together, and the same by
                      multiplying: prod p^y (1-p)^(1-y). Beyond 50 rows only their logarithms.
  brier               mean (p - y)^2; with one column per class sum_k (p_k - [k = label])^2, twice
                      that of two classes. brier_skill: 1 - Brier / Brier of the base rate.
  prediction_entropy  mean over rows of -sum_k p_k ln p_k.
  label_entropy       the same of the base rate, the share of each class among the labels.
  kl_divergence       KL(base rate || mean prediction) = sum_k b_k ln(b_k / m_k): what a model wrong
                      on average pays for it. Finite as long as the mean gives each class some p.
Probabilities are clipped to [eps, 1 - eps] for the loss and the likelihood. Smoothing a makes the
target of class k (1-a) [k = label] + a/K. Class weights act as sample weights: every mean is
sum w x / sum w, the sum of losses is sum w x; single rows show their loss without weight.
"-" or null: not defined, as the skill where all labels are of one class. Infinite is null in JSON.
With --output csv, --show-working and --reduction none print the rows instead of the figures.

Exit code: 0, or 1 for wrong flags and for wrong input. The first ten bad lines are named as
file:line:column; nothing is calculated from the others.

Examples:
  guardwatchctl loss scored.csv
  printf '1,0.9\n0,0.2\n1,0.4\n' | guardwatchctl loss --show-working
  guardwatchctl loss --from-logits --base 2 --output json logits.csv
  printf '{"label":0,"logits":[2,-1,0.5]}\n' | guardwatchctl loss --show-working
  guardwatchctl loss --class-weights 1,20 --label-smoothing 0.1 scored.csv
  guardwatchctl loss --reduction none --output csv scored.csv >losses.csv)";

struct Arguments {
  LossReadOptions read;
  LossOptions loss;
  LossReportOptions report;
  std::string base = "e";
};

int Refuse(const std::string& message) {
  std::cerr << "guardwatchctl loss: " << message << '\n';
  return kUsage;
}

std::string FlagError(const LossOptions& loss) {
  if (!(loss.eps >= 0 && loss.eps < 0.5)) return "--eps: expected a number in [0, 0.5)";
  if (!(loss.label_smoothing >= 0 && loss.label_smoothing <= 1)) {
    return "--label-smoothing: expected a number in [0, 1]";
  }
  for (const double weight : loss.class_weights) {
    if (!(weight >= 0 && std::isfinite(weight))) {
      return "--class-weights: expected finite numbers that are not negative";
    }
  }
  return "";
}

int Run(Arguments flags) {
  const std::string wrong = FlagError(flags.loss);
  if (!wrong.empty()) return Refuse(wrong);
  const LossReadResult read = ReadLoss(flags.read);
  for (const std::string& error : read.errors) std::cerr << error << '\n';
  if (read.bad_lines > LossReadResult::kShownErrors) {
    std::cerr << read.bad_lines - LossReadResult::kShownErrors << " more bad lines\n";
  }
  if (!read.errors.empty()) return kUsage;

  flags.loss.from_logits = read.input.logits;
  flags.report.bits = flags.base == "2";
  const std::size_t classes = read.input.values_per_row == 1 ? 2 : read.input.values_per_row;
  if (!flags.loss.class_weights.empty() && flags.loss.class_weights.size() != classes) {
    return Refuse("--class-weights: " + std::to_string(flags.loss.class_weights.size()) +
                  " weights, expected " + std::to_string(classes) + ", one per class of the input");
  }
  const auto report =
      LossReport(read.input, LossCalculator(read.input.values_per_row, flags.loss), flags.report);
  if (!report) return Refuse("--class-weights: no row has a weight above 0");
  std::cout << *report << std::flush;
  return std::cout ? kOk : kFailed;
}

}  // namespace

Command AddLoss(CLI::App& cli) {
  auto flags = std::make_shared<Arguments>();
  cli.add_option("FILE", flags->read.file, "Labelled predictions (- or none: standard input)");
  cli.add_option("--format", flags->read.format, "How to read them; auto: { begins JSON")
      ->check(CLI::IsMember({"auto", "csv", "json"}))
      ->capture_default_str();
  cli.add_flag("--from-logits", flags->read.from_logits,
               "Numbers are logits, the raw scores of a model, and not probabilities");
  cli.add_option("--reduction", flags->report.reduction,
                 "The loss of all rows: their mean or sum, or none: each row's own")
      ->check(CLI::IsMember({"mean", "sum", "none"}))
      ->capture_default_str();
  cli.add_option("--base", flags->base, "Of the logarithm: e for nats, 2 for bits")
      ->check(CLI::IsMember({"e", "2"}))
      ->capture_default_str();
  cli.add_option("--eps", flags->loss.eps, "Clip probabilities to [eps, 1 - eps]; 0: not at all")
      ->capture_default_str();
  cli.add_option("--label-smoothing", flags->loss.label_smoothing,
                 "Share of each target spread evenly over the classes")
      ->capture_default_str();
  cli.add_option("--class-weights", flags->loss.class_weights,
                 "Weight of the rows of each class, as a,b,...")
      ->delimiter(',')
      ->allow_extra_args(false);
  cli.add_flag("--show-working", flags->report.show_working,
               "Each row's input, probability, clipped probability and loss");
  cli.add_option("--output", flags->report.output, "What to print")
      ->check(CLI::IsMember({"table", "json", "csv"}))
      ->capture_default_str();
  cli.footer(kFooter);
  return [flags] { return Run(*flags); };
}

}  // namespace guardwatch
