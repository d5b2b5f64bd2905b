#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace guardwatch {

struct LossOptions {
  bool from_logits = false;  // Else values are probabilities.
  double eps = 1e-15;  // Probabilities are clipped to [eps, 1 - eps], logits never; in [0, 0.5).
  double label_smoothing = 0;         // In [0, 1].
  std::vector<double> class_weights;  // One per class, not negative; empty: all 1.
};

// A sum whose error does not grow with the number of terms (Neumaier 1974).
class CompensatedSum {
 public:
  void Add(double x);
  double value() const;

 private:
  double sum_ = 0;
  double lost_ = 0;
};

// The product of many factors in (0, 1], far beyond the range of a double.
class ScaledProduct {
 public:
  void Multiply(double factor);
  // Nullopt once a factor was too small for a double to hold with all its digits.
  std::optional<double> Log() const;

 private:
  double mantissa_ = 1;  // In [0.5, 1].
  std::int64_t exponent_ = 0;
  bool exact_ = true;
};

// How the loss of one labelled prediction comes about. Spans as long as the input.
struct LossSample {
  std::size_t label = 0;
  double weight = 1;
  std::vector<double> converted;  // Probabilities, of the positive class if there is one number.
  std::vector<double> clipped;    // What the loss is computed from; as converted if from logits.
  double nats = 0;                // Not weighted.
};

// All means are weighted: sum w x / sum w, w the class weight of the sample's label.
struct LossSummary {
  std::int64_t n = 0;
  std::size_t classes = 0;
  double weight_sum = 0;
  double loss_sum = 0;    // Nats, sum of w * loss.
  double loss_mean = 0;   // Nats.
  double perplexity = 0;  // e^loss_mean.

  // ln of the product of w-th powers of the probabilities given to what happened, found by
  // multiplying, with no logarithm of a sample: a cross-check, ideally -loss_sum. Nullopt if a
  // factor does not fit a double.
  std::optional<double> log_product;

  double brier = 0;  // Two classes: mean (p - y)^2 if one number each, else the sum over classes.
  std::vector<double> base_rates;        // Share of each class among the labels.
  std::vector<double> mean_predictions;  // Mean probability of each class.
  double prediction_entropy = 0;         // Nats, mean entropy of the predictions.
  double label_entropy = 0;              // Nats, entropy of base_rates.
  double divergence = 0;  // Nats, KL(base_rates || mean_predictions): 0 if right on average.

  // Loss over label_entropy, < 1 if better than saying the base rate each time (He et al. 2014);
  // and 1 - Brier score over that of the base rate. Nullopt if all labels are of one class.
  std::optional<double> normalized_entropy;
  std::optional<double> brier_skill;
};

// Log loss and its relatives over labelled predictions, one at a time and in constant memory.
class LossCalculator {
 public:
  // `values_per_sample` 1: the probability (or logit) of class 1 of two. K >= 2: one per class.
  LossCalculator(std::size_t values_per_sample, LossOptions options);

  std::size_t classes() const { return base_.size(); }

  // `label` < classes(); values.size() == values_per_sample, finite. Valid until the next call.
  const LossSample& Add(std::size_t label, std::span<const double> values);

  // Nullopt if nothing has weight: no data is not a loss of zero.
  std::optional<LossSummary> Summary() const;

 private:
  double Loss(std::size_t label, std::span<const double> values) const;
  void AddProduct(std::span<const double> values);
  void AddPrediction();

  LossOptions options_;
  LossSample sample_;
  std::vector<double> clipped_classes_;  // Probability of each class.
  std::int64_t n_ = 0;
  CompensatedSum weight_, loss_, brier_, entropy_;
  ScaledProduct product_;
  std::vector<CompensatedSum> base_, predicted_;
};

}  // namespace guardwatch
