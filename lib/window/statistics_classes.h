#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stats/confusion_matrix.h"
#include "window/statistics.h"

namespace guardwatch {

// What labels say of the top labels of a class vector.
struct ClassMatrix {
  static constexpr std::size_t kMostClasses = 64;  // Beside __other__.

  // Sorted; __other__ last, if classes share it. Of more than kMostClasses those stand alone that
  // were labelled or predicted most often.
  std::vector<std::string> classes;
  ConfusionMatrix counts;   // By index in `classes`.
  std::int64_t folded = 0;  // Labels whose true or predicted class is in __other__.

  StatisticValue accuracy;  // With Wilson's interval.
  StatisticValue macro_precision;
  StatisticValue macro_recall;
  StatisticValue macro_f1;
  StatisticValue cohen_kappa;
};

ClassMatrix MatrixOf(const LabeledClasses& labeled);

}  // namespace guardwatch
