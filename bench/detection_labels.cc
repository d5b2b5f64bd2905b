// What labels show: calibration and ranking, from matured labels alone.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <iostream>

#include "detect/budget.h"
#include "detect/calibration_factor.h"
#include "detect/factor_detector.h"
#include "detection.h"
#include "labelled.h"
#include "stats/reliability.h"
#include "threshold_by_trial.h"

namespace guardwatch {
namespace {

constexpr std::int64_t kReferenceLabels = 100'000;
constexpr std::size_t kBins = kReliabilityBins;

// The log factors of one pane of labels; 8 components.
using LogFactors = std::array<double, 8>;

class CalibrationFactors {
 public:
  explicit CalibrationFactors(LabelledStream& stream) {
    const auto counts = CountBins(stream, kReferenceLabels, LabelChange::kNone);
    for (const Count& bin : counts) limits_.push_back(MakeCalibrationLimits(bin));
  }

  LogFactors Pane(LabelledStream& stream, std::int64_t labels, LabelChange change) const {
    const auto counts = CountBins(stream, labels, change);
    LogFactors factors{};
    for (std::size_t i = 0; i < factors.size(); ++i) {
      factors[i] = LogCalibrationFactor(limits_, counts, kCalibrationChanges[i]);
    }
    return factors;
  }

 private:
  static std::array<Count, kBins> CountBins(LabelledStream& stream, std::int64_t labels,
                                            LabelChange change) {
    std::array<Count, kBins> counts{};
    for (; labels > 0; --labels) {
      const Labelled one = stream.Next(change);
      Count& bin = counts[std::min(static_cast<std::size_t>(one.score * kBins), kBins - 1)];
      ++bin.n;
      bin.s += one.positive ? 1 : 0;
    }
    return counts;
  }

  std::vector<CalibrationLimits> limits_;
};

// Placements of labelled positives among the negatives of the reference.
class RankingFactors {
 public:
  explicit RankingFactors(LabelledStream& stream) {
    std::vector<double> positives;
    for (std::int64_t i = 0; i < kReferenceLabels; ++i) {
      const Labelled one = stream.Next(LabelChange::kNone);
      (one.positive ? positives : negatives_).push_back(one.score);
    }
    std::sort(negatives_.begin(), negatives_.end());
    auc_low_ = LowerLimit(positives);
  }

  LogFactors Pane(LabelledStream& stream, std::int64_t labels, LabelChange change) const {
    std::vector<WeightedValue> placements;
    for (; labels > 0; --labels) {
      const Labelled one = stream.Next(change);
      if (one.positive) placements.push_back({PlacementOf(one.score), 1});
    }
    LogFactors factors{};
    for (std::size_t i = 0; i < factors.size(); ++i) {
      factors[i] = LogAucFactor(placements, auc_low_, kBets[i]);
    }
    return factors;
  }

 private:
  double PlacementOf(double score) const {
    const auto [low, high] = std::equal_range(negatives_.begin(), negatives_.end(), score);
    return Placement(low - negatives_.begin(), high - low,
                     static_cast<std::int64_t>(negatives_.size()));
  }

  // 99 %, one-sided. Of DeLong's two variances that of the positives, which are ten times fewer
  // and whose placements vary more.
  double LowerLimit(const std::vector<double>& positives) const {
    double sum = 0;
    double squares = 0;
    for (const double score : positives) {
      const double placement = PlacementOf(score);
      sum += placement;
      squares += placement * placement;
    }
    const double n = double(positives.size());
    const double mean = sum / n;
    return 1 - mean - kZ99OneSided * std::sqrt((squares / n - mean * mean) / n);
  }

  std::vector<double> negatives_;  // Ascending.
  double auc_low_ = 0;
};

struct Change {
  const char* name;
  LabelChange change;
};

template <class Factors>
ChangeDelays Delays(const Change& change, bool ranking, std::int64_t labels, double threshold,
                    const DetectionArguments& arguments) {
  constexpr std::int64_t kLongest = 5'000'000;
  ChangeDelays delays{change.name, {}, 0, std::nullopt};
  LabelledStream stream(ranking, arguments.seed + 2);
  const Factors factors(stream);
  const int trials = arguments.trials / 2 + 1;
  while (int(delays.events.size()) + delays.missed < trials) {
    FactorDetector detector(8, threshold);
    bool healthy = true;
    PaneIndex pane = 0;
    for (; pane * labels < 20'000; ++pane) {
      healthy = !detector.Step(pane, factors.Pane(stream, labels, LabelChange::kNone)) && healthy;
    }
    if (!healthy) continue;
    const PaneIndex first = pane;
    bool alarmed = false;
    while (!alarmed && (pane - first) * labels < kLongest) {
      alarmed = detector.Step(pane++, factors.Pane(stream, labels, change.change)).has_value();
    }
    if (alarmed) delays.events.push_back((pane - first) * labels);
    if (!alarmed) ++delays.missed;
  }
  return delays;
}

template <class Factors>
void Measure(const char* name, bool ranking, const std::vector<Change>& changes,
             const DetectionArguments& arguments, DetectionRows& rows) {
  constexpr std::int64_t kPane = 100;
  constexpr double kMillions = 40;
  LabelledStream stream(ranking, arguments.seed);
  const Factors factors(stream);
  const TriedThreshold tried = ThresholdByTrial<FactorDetector>(
      2, 100, static_cast<std::int64_t>(kMillions * 1e6) / kPane, kMillions,
      [](double threshold) { return FactorDetector(8, threshold); },
      [&](std::int64_t pane, auto step_all) {
        const LogFactors log_factors = factors.Pane(stream, kPane, LabelChange::kNone);
        step_all(
            [&](FactorDetector& detector) { return detector.Step(pane, log_factors).has_value(); });
      });
  char setting[64];
  std::snprintf(setting, sizeof setting, "threshold %.3g, panes of 100 labels", tried.threshold);
  DetectionRow equal{std::string("Labels, one false alarm per million: ") + name,
                     name,
                     setting,
                     tried.false_alarms,
                     kMillions,
                     "1e6 labels",
                     {},
                     {}};
  constexpr std::int64_t kBudgetPane = 1'000;
  const BudgetShares budget(1, {1, 12, 1, false});
  const double threshold = budget.Threshold(budget.Overall(), std::chrono::minutes(10));
  DetectionRow promised{equal.table,
                        name,
                        "budget 1 in 30 d for 12 detectors, panes of 1 000 labels",
                        0,
                        0,
                        "",
                        {},
                        {{"threshold", threshold}}};
  for (const Change& change : changes) {
    equal.delays.push_back(Delays<Factors>(change, ranking, kPane, tried.threshold, arguments));
    promised.delays.push_back(Delays<Factors>(change, ranking, kBudgetPane, threshold, arguments));
  }
  rows.push_back(std::move(equal));
  rows.push_back(std::move(promised));
}

}  // namespace

void MeasureLabels(const DetectionArguments& arguments, DetectionRows& rows) {
  std::cerr << "  calibration\n";
  Measure<CalibrationFactors>(
      "calibration", false,
      {{"slope 1 -> .8", LabelChange::kSlope}, {"temperature 1.3", LabelChange::kTemperature}},
      arguments, rows);
  std::cerr << "  ranking\n";
  Measure<RankingFactors>("AUC", true, {{"AUC .95 -> .93", LabelChange::kAuc}}, arguments, rows);
}

}  // namespace guardwatch
