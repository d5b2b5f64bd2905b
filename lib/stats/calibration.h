#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "stats/labeled_bins.h"
#include "stats/reliability.h"

namespace guardwatch {

// ECE, noise floor and signed gap (see CalibrationError) of any binning. Nullopt without labels.
// What is known of the deviations inside bins lowers V_b to n_b f_b (1 - f_b) - sum (p - f_b)^2.
std::optional<CalibrationError> ExpectedCalibrationError(std::span<const LabeledBin> bins);

// How far mean score f_b and positive rate o_b of the bins lie apart. All dimensionless.
struct CalibrationGaps {
  double average = 0;             // ACE: mean over bins of |f_b - o_b| (Neumann et al. 2018).
  std::optional<double> maximum;  // MCE: greatest |f_b - o_b|. Nullopt if all bins are too small.

  // sum n_b/n (f_b - o_b)^2, as it is, and less sum n_b/n o_b (1 - o_b)/(n_b - 1), which is
  // unbiased for the binned error and so may be negative (Kumar, Liang, Ma 2019). Bins of one label
  // cannot be corrected: they add nothing to the second, and their share of the labels is
  // `skipped_mass`.
  double square = 0;
  double square_debiased = 0;
  double skipped_mass = 0;

  // Positives over sum of scores. Nullopt if all scores are 0.
  std::optional<double> observed_over_expected;
};

// `min_labeled`: a bin of fewer labels is no maximum. Nullopt without labels.
std::optional<CalibrationGaps> MeasureCalibrationGaps(std::span<const LabeledBin> bins,
                                                      std::int64_t min_labeled = 1);

// Murphy (1973) with the terms inside bins of Stephenson, Coelho, Jolliffe (2008):
// Brier = reliability - resolution + uncertainty + within_variance - 2 within_covariance.
struct MurphyDecomposition {
  double reliability = 0;        // sum n_b/n (f_b - o_b)^2
  double resolution = 0;         // sum n_b/n (o_b - o)^2
  double uncertainty = 0;        // o (1 - o)
  double within_variance = 0;    // sum (p - f_b)^2 / n; as well as the bins know it.
  double within_covariance = 0;  // sum (p - f_b)(y - o_b) / n

  double brier() const {
    return reliability - resolution + uncertainty + within_variance - 2.0 * within_covariance;
  }
};

// Nullopt without labels.
std::optional<MurphyDecomposition> DecomposeBrier(std::span<const LabeledBin> bins);

}  // namespace guardwatch
