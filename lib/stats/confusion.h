#pragma once

#include <cstdint>
#include <optional>

namespace guardwatch {

// Four counts of decisions against labels, and what follows from them. A ratio whose denominator is
// zero is absent: no data is not a rate of zero. All are in [0, 1] but Matthews' coefficient and
// kappa, which are in [-1, 1].
struct ClassCounts {
  std::int64_t true_positive = 0;
  std::int64_t false_positive = 0;
  std::int64_t true_negative = 0;
  std::int64_t false_negative = 0;

  std::int64_t positives() const { return true_positive + false_negative; }
  std::int64_t negatives() const { return true_negative + false_positive; }
  std::int64_t flagged() const { return true_positive + false_positive; }
  std::int64_t n() const { return positives() + negatives(); }

  std::optional<double> Precision() const;          // tp / (tp + fp)
  std::optional<double> Recall() const;             // tp / (tp + fn)
  std::optional<double> FalsePositiveRate() const;  // fp / (fp + tn)
  std::optional<double> Specificity() const;        // tn / (fp + tn)
  std::optional<double> Accuracy() const;           // (tp + tn) / n
  std::optional<double> BalancedAccuracy() const;   // Mean of recall and specificity.
  std::optional<double> F1() const;                 // 2 tp / (2 tp + fp + fn)

  // (tp tn - fp fn) / sqrt((tp + fp)(tp + fn)(tn + fp)(tn + fn)). Matthews (1975), Biochimica et
  // Biophysica Acta 405:442-451. Absent if all labels or all decisions are of one kind.
  std::optional<double> MatthewsCorrelation() const;

  // Agreement beyond chance, (o - e) / (1 - e). Cohen (1960), Educational and Psychological
  // Measurement 20:37-46. Absent if chance alone agrees always, or nothing was counted.
  std::optional<double> CohenKappa() const;
};

}  // namespace guardwatch
