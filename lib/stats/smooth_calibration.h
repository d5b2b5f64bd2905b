#pragma once

#include <optional>

#include "stats/score_histogram.h"

namespace guardwatch {

// Smooth expected calibration error, in [0, 1]: the integral over t in [0, 1] of
// |sum (y - p) K(t, p)| / n, K the Gaussian kernel of width `bandwidth` reflected at 0 and 1.
// Unlike ECE it has no bins to choose and is continuous in the scores. Blasiok, Nakkiran (2023),
// "Smooth ECE: principled reliability diagrams via kernel smoothing".
struct SmoothCalibrationError {
  double value = 0;
  double bandwidth = 0;
};

// At the smallest bandwidth that is not below the error itself, found to 1e-7, at least 0.001; the
// integral is a sum over a mesh of 1024 points. Scores of a class in a grid bin are taken at their
// mean. Nullopt without labels.
std::optional<SmoothCalibrationError> SmoothEce(const ScoreHistogram& histogram, int m);

// At a bandwidth given, in [0.001, 1].
std::optional<double> SmoothEceAt(const ScoreHistogram& histogram, int m, double bandwidth);

}  // namespace guardwatch
