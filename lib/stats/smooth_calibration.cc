#include "stats/smooth_calibration.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <utility>
#include <vector>

#include "stats/labeled_points.h"

namespace guardwatch {
namespace {

constexpr std::size_t kMesh = 1024;
constexpr double kLeastBandwidth = 0.001;
constexpr int kHalvings = 24;
// Of a spectrum, what smoothing has damped below e^-40 does not show in a double.
constexpr double kNegligibleExponent = 40.0;

// The kernel reflected at both ends is the heat kernel of [0, 1] with insulated ends, so smoothing
// damps the k-th cosine of the residuals by exp(-(pi k bandwidth)^2 / 2).
class ResidualSpectrum {
 public:
  explicit ResidualSpectrum(std::vector<LabeledPoint> points) : points_(std::move(points)) {
    for (const LabeledPoint& point : points_) n_ += double(point.n);
    for (std::size_t i = 0; i < cosines_.size(); ++i) {
      cosines_[i] = std::cos(std::numbers::pi * double(i) / double(2 * kMesh));
    }
  }

  // The mean over the mesh t_j = (j + 1/2) / 1024 of the absolute smoothed residual.
  double ErrorAt(double bandwidth) {
    std::vector<double> damped;
    for (std::size_t k = 0; k < kMesh; ++k) {
      const double wave = std::numbers::pi * double(k) * bandwidth;
      if (wave * wave / 2.0 > kNegligibleExponent) break;
      damped.push_back(Coefficient(k) * std::exp(-wave * wave / 2.0));
    }
    double sum = 0;
    for (std::size_t j = 0; j < kMesh; ++j) {
      double residual = 0;
      for (std::size_t k = 0; k < damped.size(); ++k) {
        residual += damped[k] * cosines_[k * (2 * j + 1) % cosines_.size()];
      }
      sum += std::abs(residual);
    }
    return sum / double(kMesh);
  }

 private:
  // Wide kernels need few: computed when first asked for, in order.
  double Coefficient(std::size_t k) {
    while (coefficients_.size() <= k) {
      const double wave = std::numbers::pi * double(coefficients_.size());
      double sum = 0;
      for (const LabeledPoint& point : points_) {
        const double residual = (point.positive ? 1.0 : 0.0) - point.score;
        sum += double(point.n) * residual * std::cos(wave * point.score);
      }
      coefficients_.push_back((coefficients_.empty() ? sum : 2.0 * sum) / n_);
    }
    return coefficients_[k];
  }

  std::vector<LabeledPoint> points_;
  double n_ = 0;
  std::vector<double> coefficients_;
  std::array<double, 4 * kMesh> cosines_{};  // One turn: cos(2 pi i / 4096).
};

}  // namespace

std::optional<double> SmoothEceAt(const ScoreHistogram& histogram, int m, double bandwidth) {
  std::vector<LabeledPoint> points = LabeledPointsOf(histogram, m);
  if (points.empty()) return std::nullopt;
  return ResidualSpectrum(std::move(points)).ErrorAt(bandwidth);
}

std::optional<SmoothCalibrationError> SmoothEce(const ScoreHistogram& histogram, int m) {
  std::vector<LabeledPoint> points = LabeledPointsOf(histogram, m);
  if (points.empty()) return std::nullopt;
  ResidualSpectrum spectrum(std::move(points));
  // The error falls as the bandwidth grows, so the two cross once.
  double low = kLeastBandwidth;
  double high = 1.0;
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (low + high) / 2.0;
    (spectrum.ErrorAt(middle) <= middle ? high : low) = middle;
  }
  return SmoothCalibrationError{.value = spectrum.ErrorAt(high), .bandwidth = high};
}

}  // namespace guardwatch
