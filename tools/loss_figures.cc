#include "loss_figures.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace guardwatch {
namespace {

constexpr std::int64_t kShowProductUpTo = 50;  // Rows; beyond, only its logarithm says something.

std::string_view LossNote(std::string_view reduction) {
  if (reduction == "sum") return "sum over rows of -ln of the probability of what happened";
  if (reduction == "none") return "one for each row, above";
  return "mean over rows of -ln of the probability of what happened";
}

}  // namespace

std::string_view ProductCheck(const LossSummary& summary) {
  if (!summary.log_product) return "not_comparable";
  // Relative in the product: what rounding may add up to over many rows, or in a large sum.
  const double slack = 1e-12 * std::max({1.0, double(summary.n) / double{kShowProductUpTo},
                                         summary.loss_sum / 1000});
  return std::fabs(*summary.log_product + summary.loss_sum) <= slack ? "agree" : "differ";
}

std::vector<LossFigure> LossFigures(const LossSummary& summary, const LossReportOptions& options) {
  const double unit = options.bits ? std::numbers::ln2 : 1.0;
  std::optional<double> loss = summary.loss_mean / unit;
  if (options.reduction == "sum") loss = summary.loss_sum / unit;
  if (options.reduction == "none") loss.reset();
  std::vector<LossFigure> figures{
      {"loss", loss, LossNote(options.reduction)},
      {"mean_loss", summary.loss_mean / unit, "log loss, cross-entropy"},
      {"perplexity", summary.perplexity, "e^(mean loss in nats) = 2^(in bits)"},
      {"normalized_entropy", summary.normalized_entropy,
       "mean loss / label entropy; below 1 beats always saying the base rate"},
      {"log_likelihood", -summary.loss_sum / unit, "minus the sum of losses"},
      {"log_likelihood_from_product", std::nullopt, "the same found by multiplying probabilities"},
  };
  if (summary.log_product) figures.back().value = *summary.log_product / unit;
  if (summary.n <= kShowProductUpTo) {
    figures.push_back({"likelihood", std::exp(-summary.loss_sum), "e^(-sum of losses)"});
    figures.push_back({"likelihood_from_product", std::nullopt, "prod p^y (1-p)^(1-y)"});
    if (summary.log_product) figures.back().value = std::exp(*summary.log_product);
  }
  figures.push_back({"brier", summary.brier,
                     summary.classes == 2 ? "mean (p - y)^2; with a column per class twice that"
                                          : "mean over rows of sum_k (p_k - [k = label])^2"});
  figures.push_back({"brier_skill", summary.brier_skill, "1 - Brier / Brier of the base rate"});
  figures.push_back({"prediction_entropy", summary.prediction_entropy / unit,
                     "mean entropy of the predictions: how unsure they are"});
  figures.push_back({"label_entropy", summary.label_entropy / unit, "entropy of the base rate"});
  figures.push_back({"kl_divergence", summary.divergence / unit,
                     "KL(base rate || mean prediction): 0 if right on average"});
  return figures;
}

}  // namespace guardwatch
