#pragma once

#include <cstddef>
#include <span>

// Losses of one labelled prediction, in nats, and the conversions between logits and probabilities
// that do not overflow. Good (1952), "Rational decisions"; for the forms on logits see Blanchard,
// Higham, Higham (2021), "Accurately computing the log-sum-exp and softmax functions".

namespace guardwatch {

// 1 / (1 + e^-logit), in [0, 1]; no overflow for any logit.
double Sigmoid(double logit);

// ln sum_k e^logit_k. `logits` is not empty.
double LogSumExp(std::span<const double> logits);

// e^logit_k / sum_j e^logit_j into `probabilities`, which has the size of `logits`.
void Softmax(std::span<const double> logits, std::span<double> probabilities);

// `p` moved into [eps, 1 - eps]; eps in [0, 0.5).
double ClipProbability(double p, double eps);

// -t ln p - (1 - t) ln(1 - p), in [0, inf]: infinite where p says that what happened cannot.
// `target` in [0, 1] is the label, or a smoothed one; a term of weight 0 is 0.
double BinaryCrossEntropy(double p, double target);

// The same of p = Sigmoid(logit), without passing through p: max(z, 0) - z t + ln(1 + e^-|z|).
// Finite for every finite logit.
double BinaryCrossEntropyFromLogit(double logit, double target);

// -sum_k t_k ln p_k over K = probabilities.size() classes, in [0, inf]. The targets are
// t_k = (1 - smoothing) [k = label] + smoothing / K, smoothing in [0, 1] (Szegedy et al. 2016).
double CrossEntropy(std::span<const double> probabilities, std::size_t label, double smoothing = 0);

// The same of p = Softmax(logits): LogSumExp(z) - sum_k t_k z_k. Finite for finite logits.
double CrossEntropyFromLogits(std::span<const double> logits, std::size_t label,
                              double smoothing = 0);

// -sum_k p_k ln p_k, in [0, ln K]; a class of probability 0 adds 0.
double Entropy(std::span<const double> probabilities);

// sum_k p_k ln(p_k / q_k) in nats, in [0, inf]; infinite where q_k = 0 < p_k. Kullback, Leibler
// (1951). Both sum to 1 and are of one size.
double KullbackLeibler(std::span<const double> p, std::span<const double> q);

// sum_k (p_k - [k = label])^2, in [0, 2]. With two classes twice (p - y)^2. Brier (1950).
double BrierScore(std::span<const double> probabilities, std::size_t label);

}  // namespace guardwatch
