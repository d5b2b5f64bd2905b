#include "stats/cross_entropy.h"

#include <algorithm>
#include <cmath>

namespace guardwatch {
namespace {

// -weight * ln p, with 0 * inf = 0.
double Term(double weight, double log_p) { return weight == 0.0 ? 0.0 : -weight * log_p; }

}  // namespace

double Sigmoid(double logit) {
  if (logit >= 0) return 1.0 / (1.0 + std::exp(-logit));
  const double odds = std::exp(logit);
  return odds / (1.0 + odds);
}

double LogSumExp(std::span<const double> logits) {
  const double greatest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const double logit : logits) sum += std::exp(logit - greatest);
  return greatest + std::log(sum);
}

void Softmax(std::span<const double> logits, std::span<double> probabilities) {
  const double greatest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (std::size_t k = 0; k < logits.size(); ++k) {
    probabilities[k] = std::exp(logits[k] - greatest);
    sum += probabilities[k];
  }
  for (double& p : probabilities) p /= sum;
}

double ClipProbability(double p, double eps) { return std::clamp(p, eps, 1.0 - eps); }

double BinaryCrossEntropy(double p, double target) {
  // Not ln(1 - p): the subtraction loses a small p.
  return Term(target, std::log(p)) + Term(1.0 - target, std::log1p(-p));
}

double BinaryCrossEntropyFromLogit(double logit, double target) {
  return std::max(logit, 0.0) - logit * target + std::log1p(std::exp(-std::fabs(logit)));
}

double CrossEntropy(std::span<const double> probabilities, std::size_t label, double smoothing) {
  double loss = Term(1.0 - smoothing, std::log(probabilities[label]));
  if (smoothing == 0.0) return loss;
  const double share = smoothing / double(probabilities.size());
  for (const double p : probabilities) loss += Term(share, std::log(p));
  return loss;
}

double CrossEntropyFromLogits(std::span<const double> logits, std::size_t label, double smoothing) {
  const double normalizer = LogSumExp(logits);
  double loss = (1.0 - smoothing) * (normalizer - logits[label]);
  if (smoothing == 0.0) return loss;
  const double share = smoothing / double(logits.size());
  for (const double logit : logits) loss += share * (normalizer - logit);
  return loss;
}

double Entropy(std::span<const double> probabilities) {
  double entropy = 0;
  for (const double p : probabilities) entropy += Term(p, std::log(p));
  return entropy;
}

double KullbackLeibler(std::span<const double> p, std::span<const double> q) {
  double divergence = 0;
  for (std::size_t k = 0; k < p.size(); ++k) {
    if (p[k] > 0) divergence += p[k] * std::log(p[k] / q[k]);
  }
  return std::max(divergence, 0.0);  // Rounding may leave a hair below.
}

double BrierScore(std::span<const double> probabilities, std::size_t label) {
  double score = 0;
  for (std::size_t k = 0; k < probabilities.size(); ++k) {
    const double gap = probabilities[k] - (k == label ? 1.0 : 0.0);
    score += gap * gap;
  }
  return score;
}

}  // namespace guardwatch
