#include "stats/recalibration.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "stats/labeled_points.h"

namespace guardwatch {
namespace {

constexpr int kMostSteps = 25;
constexpr int kMostHalvings = 40;
constexpr double kLargestLogit = 20.0;
constexpr double kConverged = 1e-10;
constexpr double kRounding = 1e-14;  // Relative, of a sum.

struct Evidence {
  double x = 0;
  double negative = 0;
  double positive = 0;
};

std::optional<std::vector<Evidence>> EvidenceOf(const ScoreHistogram& histogram, int m) {
  std::vector<Evidence> evidence;
  double negatives = 0;
  double positives = 0;
  for (const LabeledPoint& point : LabeledPointsOf(histogram, m)) {
    const double logit = std::log(point.score) - std::log1p(-point.score);  // +-inf at 1 and 0.
    const double n = double(point.n);
    evidence.push_back({std::clamp(logit, -kLargestLogit, kLargestLogit), point.positive ? 0.0 : n,
                        point.positive ? n : 0.0});
    (point.positive ? positives : negatives) += n;
  }
  if (negatives == 0 || positives == 0) return std::nullopt;
  return evidence;
}

double Softplus(double z) { return std::max(z, 0.0) + std::log1p(std::exp(-std::abs(z))); }

class Fit {
 public:
  Fit(std::vector<Evidence> evidence, double ridge, bool fit_slope)
      : evidence_(std::move(evidence)), ridge_(ridge), fit_slope_(fit_slope) {}

  std::optional<Recalibration> Maximize() {
    for (int step = 0; step < kMostSteps; ++step) {
      Differentiate();
      const double determinant = h00_ * h11_ - h01_ * h01_;
      if (!(determinant > 0)) return std::nullopt;
      const double da = (h11_ * g0_ - h01_ * g1_) / determinant;
      const double db = (h00_ * g1_ - h01_ * g0_) / determinant;
      if (std::max(std::abs(da), std::abs(db)) < kConverged) return Result(determinant);
      // Where the likelihood is almost flat, a full step leads far beyond the top, to where it is
      // flat in floating point too. Half of a step is then better than all of it.
      double scale = 1.0;
      double next = Objective(a_ + da, b_ + db);
      for (int i = 0; i < kMostHalvings; ++i) {
        const double nearer = Objective(a_ + scale / 2.0 * da, b_ + scale / 2.0 * db);
        if (!(nearer > next + kRounding * std::abs(next))) break;
        scale /= 2.0;
        next = nearer;
      }
      a_ += scale * da;
      b_ += scale * db;
    }
    return std::nullopt;
  }

 private:
  double Objective(double a, double b) const {
    double sum = -ridge_ * (b - 1.0) * (b - 1.0);
    for (const Evidence& e : evidence_) {
      const double z = a + b * e.x;
      sum -= e.positive * Softplus(-z) + e.negative * Softplus(z);
    }
    return sum;
  }

  void Differentiate() {
    g0_ = 0;
    g1_ = -2.0 * ridge_ * (b_ - 1.0);
    h00_ = h01_ = 0;
    h11_ = 2.0 * ridge_;
    for (const Evidence& e : evidence_) {
      const double z = a_ + b_ * e.x;
      const double tail = std::exp(-std::abs(z)) / (1.0 + std::exp(-std::abs(z)));
      const double mu = z >= 0 ? 1.0 - tail : tail;
      const double one_minus_mu = z >= 0 ? tail : 1.0 - tail;
      const double g = e.positive * one_minus_mu - e.negative * mu;
      const double w = (e.positive + e.negative) * mu * one_minus_mu;
      g0_ += g;
      g1_ += g * e.x;
      h00_ += w;
      h01_ += w * e.x;
      h11_ += w * e.x * e.x;
    }
    if (fit_slope_) return;
    g1_ = h01_ = 0;
    h11_ = 1;
  }

  Recalibration Result(double determinant) const {
    return {a_, b_, std::sqrt(h11_ / determinant),
            fit_slope_ ? std::sqrt(h00_ / determinant) : 0.0};
  }

  std::vector<Evidence> evidence_;
  double ridge_;
  bool fit_slope_;
  double a_ = 0, b_ = 1;
  double g0_ = 0, g1_ = 0;              // Gradient.
  double h00_ = 0, h01_ = 0, h11_ = 0;  // Negative Hessian.
};

}  // namespace

std::optional<Recalibration> FitRecalibration(const ScoreHistogram& histogram, int m,
                                              double ridge) {
  auto evidence = EvidenceOf(histogram, m);
  if (!evidence) return std::nullopt;
  return Fit(std::move(*evidence), ridge, true).Maximize();
}

std::optional<Recalibration> FitIntercept(const ScoreHistogram& histogram, int m) {
  auto evidence = EvidenceOf(histogram, m);
  if (!evidence) return std::nullopt;
  return Fit(std::move(*evidence), 0.0, false).Maximize();
}

}  // namespace guardwatch
