#pragma once

#include <optional>

#include "stats/score_histogram.h"

namespace guardwatch {

inline constexpr double kRecalibrationRidge = 1e-3;

// The logistic regression logit P(y = 1) = a + b logit(p) of labels on scores. b < 1: scores are
// too extreme (over-confident), b > 1: too timid; a > 0: they under-predict. Cox (1958), Biometrika
// 45:562-565.
struct Recalibration {
  double intercept = 0;  // a
  double slope = 1;      // b
  double intercept_se = 0;
  double slope_se = 0;
};

// Maximises the log likelihood less ridge (b - 1)^2, which keeps b finite where scores separate the
// classes. Scores of a class in a grid bin are taken at their mean, logits clipped to +-20.
// Standard errors are from the inverse Hessian. Nullopt unless there are labels of both classes, or
// if 25 Newton steps do not converge.
std::optional<Recalibration> FitRecalibration(const ScoreHistogram& histogram, int m,
                                              double ridge = kRecalibrationRidge);

// Calibration in the large: the same with b = 1 held fixed; slope_se is 0.
std::optional<Recalibration> FitIntercept(const ScoreHistogram& histogram, int m);

}  // namespace guardwatch
