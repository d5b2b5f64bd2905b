#include "window/statistics.h"

#include <array>
#include <cmath>

#include "stats/proportion.h"
#include "stats/ranking.h"

namespace guardwatch {
namespace {

StatisticValue Missing(std::string_view reason, std::int64_t n = 0) {
  StatisticValue missing;
  missing.n = n;
  missing.reason = reason;
  return missing;
}

StatisticValue Rate(std::int64_t successes, std::int64_t trials) {
  const auto interval = WilsonInterval(successes, trials);
  if (!interval) return Missing("no_data");
  StatisticValue rate;
  rate.value = double(successes) / double(trials);
  rate.low = interval->low;
  rate.high = interval->high;
  rate.n = trials;
  return rate;
}

StatisticValue Number(double value, std::int64_t n) {
  StatisticValue number;
  number.value = value;
  number.n = n;
  return number;
}

std::int64_t LabeledScores(const Aggregate& a) {
  std::int64_t n = 0;
  for (int i = 0; i < kReliabilityBins; ++i) n += a.reliability[i].labeled;
  return n;
}

StatisticValue BandShare(const Aggregate& a) { return Rate(a.in_band, a.with_threshold); }
StatisticValue FailRate(const Aggregate& a) { return Rate(a.flagged, a.decided); }
StatisticValue ErrorRate(const Aggregate& a) { return Rate(a.errors, a.decided + a.errors); }
StatisticValue Coverage(const Aggregate& a) { return Rate(a.labeled, a.sampled); }

StatisticValue Precision(const Aggregate& a) {
  return Rate(a.true_positive, a.true_positive + a.false_positive);
}
StatisticValue Recall(const Aggregate& a) {
  return Rate(a.true_positive, a.true_positive + a.false_negative);
}
StatisticValue FalsePositiveRate(const Aggregate& a) {
  return Rate(a.false_positive, a.false_positive + a.true_negative);
}

StatisticValue F1(const Aggregate& a) {
  const std::int64_t wrong = a.false_positive + a.false_negative;
  const std::int64_t n = 2 * a.true_positive + wrong;
  if (n == 0) return Missing("no_data");
  return Number(2.0 * double(a.true_positive) / double(n), a.true_positive + wrong);
}

StatisticValue Ece(const Aggregate& a) {
  const auto error = ExpectedCalibrationError(a.reliability);
  if (!error) return Missing("no_data");
  StatisticValue ece = Number(error->ece, error->n);
  ece.noise_floor = error->noise_floor;
  return ece;
}

StatisticValue CalibrationGap(const Aggregate& a) {
  const auto error = ExpectedCalibrationError(a.reliability);
  if (!error) return Missing("no_data");
  return Number(error->signed_gap, error->n);
}

StatisticValue LogLoss(const Aggregate& a) {
  const std::int64_t n = LabeledScores(a);
  if (n == 0) return Missing("no_data");
  return Number(double(a.loss) / 0x1p24 / double(n), n);
}

// n * 2^60 * Brier = sum q^2 - 2^31 sum_{y=1} q + 2^60 n1, exact in integers; divided once.
StatisticValue Brier(const Aggregate& a) {
  std::int64_t n = 0;
  std::int64_t positives = 0;
  for (int i = 0; i < kReliabilityBins; ++i) {
    n += a.reliability[i].labeled;
    positives += a.reliability[i].positive;
  }
  if (n == 0) return Missing("no_data");
  const Int128 scaled = a.labeled_score_q_squared - (Int128{1} << 31) * a.positive_score_q +
                        (Int128{1} << 60) * positives;
  return Number(double(scaled) / 0x1p60 / double(n), n);
}

StatisticValue MeanScore(const Aggregate& a) {
  if (a.scored == 0) return Missing("no_data");
  return Number(double(a.score_q) / double{kScoreOne} / double(a.scored), a.scored);
}

StatisticValue RocAucStatistic(const Aggregate& a) {
  const auto auc = RocAuc(a.histogram);
  if (!auc) return Missing(LabeledScores(a) == 0 ? "no_data" : "one_class", LabeledScores(a));
  StatisticValue value = Number(auc->value, auc->positives + auc->negatives);
  value.low = auc->low;
  value.high = auc->high;
  return value;
}

constexpr bool kLabelBased = true;

constexpr std::array kTable{
    Statistic{"band_share", "Share of scores within the band around the threshold, 0 to 1.", false,
              BandShare},
    Statistic{"fail_rate", "Share of decided requests that were flagged, 0 to 1.", false, FailRate},
    Statistic{"error_rate", "Share of requests on which the guardrail failed (open), 0 to 1.",
              false, ErrorRate},
    Statistic{"mean_score", "Mean score, 0 to 1.", false, MeanScore},
    Statistic{"coverage", "Share of scored requests that have a label, 0 to 1.", kLabelBased,
              Coverage},
    Statistic{"ece", "Expected calibration error over 15 equal-width bins, 0 to 1.", kLabelBased,
              Ece},
    Statistic{"calibration_gap", "Mean score minus positive rate, -1 to 1; above 0 over-predicts.",
              kLabelBased, CalibrationGap},
    Statistic{"precision", "Share of flagged requests whose label is positive, 0 to 1.",
              kLabelBased, Precision},
    Statistic{"recall", "Share of positive requests that were flagged, 0 to 1.", kLabelBased,
              Recall},
    Statistic{"f1", "Harmonic mean of precision and recall, 0 to 1.", kLabelBased, F1},
    Statistic{"false_positive_rate", "Share of negative requests that were flagged, 0 to 1.",
              kLabelBased, FalsePositiveRate},
    Statistic{"roc_auc", "Area under the ROC curve, from the score histogram, 0 to 1.", kLabelBased,
              RocAucStatistic},
    Statistic{"log_loss", "Mean cross-entropy, nats.", kLabelBased, LogLoss},
    Statistic{"brier", "Mean squared error of the score, 0 to 1.", kLabelBased, Brier},
};

}  // namespace

std::span<const Statistic> Statistics() { return kTable; }

const Statistic* FindStatistic(std::string_view name) {
  for (const Statistic& statistic : kTable) {
    if (statistic.name == name) return &statistic;
  }
  return nullptr;
}

}  // namespace guardwatch
