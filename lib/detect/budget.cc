#include "detect/budget.h"

#include <algorithm>
#include <charconv>

#include "base/check.h"

namespace guardwatch {
namespace {

constexpr double kOverallPart = 0.5;

std::string Short(double value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::general, 3);
  return {text, end.ptr};
}

std::string Counted(std::int64_t count, const std::string& noun) {
  return std::to_string(count) + ' ' + noun + (count == 1 ? "" : "s");
}

}  // namespace

double StepsPerHorizon(Duration pane_width) {
  GUARDWATCH_CHECK(pane_width > Duration{});
  return double(kBudgetHorizon.count()) / double(pane_width.count());
}

BudgetShares::BudgetShares(double false_alarms, BudgetDemand demand)
    : false_alarms_(false_alarms), demand_(demand) {
  GUARDWATCH_CHECK(false_alarms > 0);
  demand_.units = std::max<std::int64_t>(demand_.units, 1);
  demand_.statistics = std::max<std::int64_t>(demand_.statistics, 1);
  demand_.versions = std::max<std::int64_t>(demand_.versions, 1);
}

double BudgetShares::Overall() const {
  const double streams =
      double(demand_.units) * double(demand_.statistics) * double(demand_.versions);
  return (demand_.cohorts ? kOverallPart : 1.0) / streams;
}

double BudgetShares::Cohorts(std::int64_t dimensions) const {
  if (!demand_.cohorts) return 0;
  const double streams =
      double(demand_.units) * double(demand_.statistics) * double(demand_.versions);
  return (1.0 - kOverallPart) / (streams * double(std::max<std::int64_t>(dimensions, 1)));
}

double BudgetShares::Threshold(double share, Duration pane_width) const {
  GUARDWATCH_CHECK(share > 0 && share <= 1);
  const double risk = false_alarms_ / (1.0 + false_alarms_);
  return StepsPerHorizon(pane_width) / (share * risk);
}

double FalseAlarmsPerHorizon(double threshold, Duration pane_width) {
  const double risk = StepsPerHorizon(pane_width) / threshold;
  GUARDWATCH_CHECK(risk < 1);
  return risk / (1.0 - risk);
}

std::string BudgetShares::Sentence() const {
  const std::string alarms =
      false_alarms_ == 1 ? "1 false alarm" : Short(false_alarms_) + " false alarms";
  std::string text = "At most " + alarms + " in 30 days on average, over " +
                     Counted(demand_.units, "guardrail") + ", " +
                     Counted(demand_.statistics, "statistic") + " of each and " +
                     Counted(demand_.versions, "model version") + ": ";
  const double streams = Overall();
  if (demand_.cohorts) {
    text += "half for the traffic as a whole, half for cohorts; ";
  }
  return text + "each detector of a guardrail's whole traffic gets " + Short(100 * streams) +
         " % of it and alarms when its evidence reaches " + Short(Threshold(streams)) + ".";
}

}  // namespace guardwatch
