#include "stats/loss_calculator.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "base/check.h"
#include "stats/cross_entropy.h"

namespace guardwatch {
namespace {

std::vector<double> MeansOf(const std::vector<CompensatedSum>& sums, double weight) {
  std::vector<double> means;
  for (const CompensatedSum& sum : sums) means.push_back(sum.value() / weight);
  return means;
}

}  // namespace

void CompensatedSum::Add(double x) {
  const double next = sum_ + x;
  lost_ += std::fabs(sum_) >= std::fabs(x) ? (sum_ - next) + x : (x - next) + sum_;
  sum_ = next;
}

double CompensatedSum::value() const { return std::isfinite(sum_) ? sum_ + lost_ : sum_; }

void ScaledProduct::Multiply(double factor) {
  exact_ = exact_ && std::isnormal(factor);
  int shift = 0;
  mantissa_ = std::frexp(mantissa_ * factor, &shift);
  exponent_ += shift;
}

std::optional<double> ScaledProduct::Log() const {
  if (!exact_) return std::nullopt;
  return std::log(mantissa_) + double(exponent_) * std::numbers::ln2;
}

LossCalculator::LossCalculator(std::size_t values_per_sample, LossOptions options)
    : options_(std::move(options)) {
  GUARDWATCH_CHECK(values_per_sample > 0);
  const std::size_t classes = values_per_sample == 1 ? 2 : values_per_sample;
  GUARDWATCH_CHECK(options_.class_weights.empty() || options_.class_weights.size() == classes);
  sample_.converted.resize(values_per_sample);
  sample_.clipped.resize(values_per_sample);
  clipped_classes_.resize(classes);
  base_.resize(classes);
  predicted_.resize(classes);
}

const LossSample& LossCalculator::Add(std::size_t label, std::span<const double> values) {
  GUARDWATCH_CHECK(label < classes() && values.size() == sample_.converted.size());
  sample_.label = label;
  sample_.weight = options_.class_weights.empty() ? 1.0 : options_.class_weights[label];
  if (!options_.from_logits) {
    std::copy(values.begin(), values.end(), sample_.converted.begin());
  } else if (values.size() == 1) {
    sample_.converted[0] = Sigmoid(values[0]);
  } else {
    Softmax(values, sample_.converted);
  }
  std::transform(
      sample_.converted.begin(), sample_.converted.end(), sample_.clipped.begin(),
      [this](double p) { return options_.from_logits ? p : ClipProbability(p, options_.eps); });
  sample_.nats = Loss(label, values);

  ++n_;
  weight_.Add(sample_.weight);
  if (sample_.weight == 0.0) return sample_;  // Also where the loss is infinite.
  loss_.Add(sample_.weight * sample_.nats);
  base_[label].Add(sample_.weight);
  AddPrediction();
  AddProduct(values);
  return sample_;
}

double LossCalculator::Loss(std::size_t label, std::span<const double> values) const {
  const double a = options_.label_smoothing;
  if (values.size() > 1) {
    return options_.from_logits ? CrossEntropyFromLogits(values, label, a)
                                : CrossEntropy(sample_.clipped, label, a);
  }
  const double target = (1.0 - a) * double(label) + a / 2.0;
  return options_.from_logits ? BinaryCrossEntropyFromLogit(values[0], target)
                              : BinaryCrossEntropy(sample_.clipped[0], target);
}

void LossCalculator::AddPrediction() {
  const double w = sample_.weight;
  if (sample_.converted.size() > 1) {
    brier_.Add(w * BrierScore(sample_.converted, sample_.label));
    entropy_.Add(w * Entropy(sample_.converted));
    for (std::size_t k = 0; k < classes(); ++k) predicted_[k].Add(w * sample_.converted[k]);
    return;
  }
  const double p = sample_.converted[0];
  const double gap = p - double(sample_.label);
  brier_.Add(w * gap * gap);
  entropy_.Add(w * BinaryCrossEntropy(p, p));  // The cross-entropy with itself.
  predicted_[0].Add(w * (1.0 - p));
  predicted_[1].Add(w * p);
}

void LossCalculator::AddProduct(std::span<const double> values) {
  if (values.size() > 1) {
    clipped_classes_ = sample_.clipped;
  } else {
    const double p = sample_.clipped[0];
    // From the logit, because 1 - p has lost the digits of a small rest.
    clipped_classes_[0] = options_.from_logits ? Sigmoid(-values[0]) : 1.0 - p;
    clipped_classes_[1] = p;
  }
  const double a = options_.label_smoothing;
  for (std::size_t k = 0; k < classes(); ++k) {
    const double target = (k == sample_.label ? 1.0 - a : 0.0) + a / double(classes());
    const double power = sample_.weight * target;
    if (power == 0.0) continue;
    product_.Multiply(power == 1.0 ? clipped_classes_[k] : std::pow(clipped_classes_[k], power));
  }
}

std::optional<LossSummary> LossCalculator::Summary() const {
  const double weight = weight_.value();
  if (!(weight > 0)) return std::nullopt;
  LossSummary summary;
  summary.n = n_;
  summary.classes = classes();
  summary.weight_sum = weight;
  summary.loss_sum = loss_.value();
  summary.loss_mean = summary.loss_sum / weight;
  summary.perplexity = std::exp(summary.loss_mean);
  summary.log_product = product_.Log();
  summary.brier = brier_.value() / weight;
  summary.base_rates = MeansOf(base_, weight);
  summary.mean_predictions = MeansOf(predicted_, weight);
  summary.prediction_entropy = entropy_.value() / weight;
  summary.label_entropy = Entropy(summary.base_rates);
  summary.divergence = KullbackLeibler(summary.base_rates, summary.mean_predictions);
  if (summary.label_entropy > 0) {
    summary.normalized_entropy = summary.loss_mean / summary.label_entropy;
    double base_brier = 1;  // sum_k r_k (1 - r_k), of which one class of two has half.
    for (const double rate : summary.base_rates) base_brier -= rate * rate;
    if (sample_.converted.size() == 1) base_brier /= 2;
    summary.brier_skill = 1.0 - summary.brier / base_brier;
  }
  return summary;
}

}  // namespace guardwatch
