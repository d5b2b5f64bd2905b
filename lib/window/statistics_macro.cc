#include "window/statistics_macro.h"

#include "stats/ranking.h"
#include "window/statistics_compute.h"

namespace guardwatch {
namespace {

constexpr std::int64_t kFewestOfAClass = 10;

template <class ValueOf>
StatisticValue MeanOver(std::span<const Aggregate* const> classes, ValueOf&& value_of) {
  double sum = 0;
  std::int64_t counted = 0;
  for (const Aggregate* each : classes) {
    const std::optional<double> value = value_of(*each);
    if (!value) continue;
    sum += *value;
    ++counted;
  }
  if (counted == 0) return statistics::Missing("too_few");
  return statistics::Number(sum / double(counted), counted);
}

}  // namespace

StatisticValue MacroRocAuc(std::span<const Aggregate* const> classes) {
  return MeanOver(classes, [](const Aggregate& a) -> std::optional<double> {
    const auto auc = RocAuc(a.histogram);
    if (!auc || auc->positives < kFewestOfAClass || auc->negatives < kFewestOfAClass) {
      return std::nullopt;
    }
    return auc->value;
  });
}

StatisticValue MacroF1(std::span<const Aggregate* const> classes) {
  return MeanOver(classes, [](const Aggregate& a) { return statistics::F1(a).value; });
}

}  // namespace guardwatch
