#include "stats/smooth_calibration.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <vector>

#include "stats/labeled_points.h"

namespace guardwatch {
namespace {

constexpr std::size_t kMesh = 1024;
constexpr double kLeastBandwidth = 0.001;
constexpr std::size_t kMostTerms = 3072;  // What the least bandwidth needs.
constexpr int kHalvings = 24;
// Of a spectrum, what smoothing has damped below e^-40 does not show in a double.
constexpr double kNegligibleExponent = 40.0;

// The kernel reflected at both ends is the heat kernel of [0, 1] with insulated ends, so smoothing
// damps the k-th cosine of the residuals by exp(-(pi k bandwidth)^2 / 2). Cosines of multiples come
// from cos((k + 1) x) = 2 cos(x) cos(k x) - cos((k - 1) x).
class ResidualSpectrum {
 public:
  explicit ResidualSpectrum(const std::vector<LabeledPoint>& points) {
    double n = 0;
    for (const LabeledPoint& point : points) n += double(point.n);
    for (const LabeledPoint& point : points) {
      residuals_.push_back(double(point.n) * ((point.positive ? 1.0 : 0.0) - point.score) / n);
      point_cosines_.push_back(std::cos(std::numbers::pi * point.score));
    }
    wave_.assign(points.size(), 1.0);  // k = 0; before it, k = -1.
    wave_before_ = point_cosines_;
    for (std::size_t j = 0; j < kMesh; ++j) {
      mesh_cosines_[j] = std::cos(std::numbers::pi * (double(j) + 0.5) / double{kMesh});
    }
  }

  // The mean over the mesh t_j = (j + 1/2) / 1024 of the absolute smoothed residual.
  double ErrorAt(double bandwidth) {
    std::vector<double> damped;
    for (std::size_t k = 0; k < kMostTerms; ++k) {
      const double wave = std::numbers::pi * double(k) * bandwidth;
      if (wave * wave / 2.0 > kNegligibleExponent) break;
      damped.push_back(Coefficient(k) * std::exp(-wave * wave / 2.0));
    }
    // Clenshaw's recurrence for a sum of cosines, at all of the mesh at once.
    std::array<double, kMesh> above{};
    std::array<double, kMesh> next{};
    for (std::size_t k = damped.size(); k-- > 1;) {
      for (std::size_t j = 0; j < kMesh; ++j) {
        const double here = damped[k] + 2.0 * mesh_cosines_[j] * next[j] - above[j];
        above[j] = next[j];
        next[j] = here;
      }
    }
    double sum = 0;
    for (std::size_t j = 0; j < kMesh; ++j) {
      sum += std::abs(damped[0] + mesh_cosines_[j] * next[j] - above[j]);
    }
    return sum / double{kMesh};
  }

 private:
  // Wide kernels need few: computed when first asked for, in order.
  double Coefficient(std::size_t k) {
    while (coefficients_.size() <= k) {
      double sum = 0;
      for (std::size_t i = 0; i < residuals_.size(); ++i) {
        sum += residuals_[i] * wave_[i];
        const double next = 2.0 * point_cosines_[i] * wave_[i] - wave_before_[i];
        wave_before_[i] = wave_[i];
        wave_[i] = next;
      }
      coefficients_.push_back(coefficients_.empty() ? sum : 2.0 * sum);
    }
    return coefficients_[k];
  }

  std::vector<double> residuals_;      // Of each point, n (y - p) over all labels.
  std::vector<double> point_cosines_;  // cos(pi p)
  std::vector<double> wave_;           // cos(k pi p), k = coefficients_.size().
  std::vector<double> wave_before_;    // The same of k - 1.
  std::vector<double> coefficients_;
  std::array<double, kMesh> mesh_cosines_{};
};

}  // namespace

std::optional<double> SmoothEceAt(const ScoreHistogram& histogram, int m, double bandwidth) {
  const std::vector<LabeledPoint> points = LabeledPointsOf(histogram, m);
  if (points.empty()) return std::nullopt;
  return ResidualSpectrum(points).ErrorAt(bandwidth);
}

std::optional<SmoothCalibrationError> SmoothEce(const ScoreHistogram& histogram, int m) {
  const std::vector<LabeledPoint> points = LabeledPointsOf(histogram, m);
  if (points.empty()) return std::nullopt;
  ResidualSpectrum spectrum(points);
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
