#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "base/json_writer.h"
#include "detect/baseline.h"
#include "detect/budget.h"
#include "detect/delay.h"
#include "detect/shrinkage.h"
#include "expose/json_api.h"
#include "expose/window_json.h"

namespace guardwatch {
namespace {

constexpr double kDay = 24.0 * 3600.0;
constexpr double kStepsPerDay = kDay / 10.0;
// What counts as no change when one asks how small a change would be seen.
constexpr double kTolerance = 0.1;

struct ShrunkStatistic {
  std::string_view name;
  Count (*count)(const Aggregate&);
};

constexpr std::array kShrunk{
    ShrunkStatistic{"band_share",
                    [](const Aggregate& a) {
                      return Count{a.with_threshold, a.in_band};
                    }},
    ShrunkStatistic{"fail_rate",
                    [](const Aggregate& a) {
                      return Count{a.decided, a.flagged};
                    }},
    ShrunkStatistic{"precision",
                    [](const Aggregate& a) {
                      return Count{a.true_positive + a.false_positive, a.true_positive};
                    }},
    ShrunkStatistic{"recall",
                    [](const Aggregate& a) {
                      return Count{a.true_positive + a.false_negative, a.true_positive};
                    }},
    ShrunkStatistic{"false_positive_rate",
                    [](const Aggregate& a) {
                      return Count{a.false_positive + a.true_negative, a.false_positive};
                    }},
};

// What the cohorts of one dimension have in common.
struct Siblings {
  std::array<std::vector<Count>, kShrunk.size()> counts;
  std::array<std::optional<BetaPrior>, kShrunk.size()> priors;  // Nullopt without events.
  Count decisions;
  double dispersion = 1;  // phi of the unit's fail rate, the largest of its versions.
};

using SiblingsKey = std::tuple<UnitKey, Variant, std::string, Duration, WindowViewKind>;

SiblingsKey KeyOf(const RolledWindow& rolled) {
  return {rolled.unit, rolled.variant, rolled.slice.dimension, rolled.window.window,
          rolled.window.view};
}

double DispersionOf(const std::vector<DriftView>& drift, const RolledWindow& rolled) {
  double dispersion = 1;
  for (const DriftView& view : drift) {
    const bool same = view.unit == rolled.unit && view.variant == rolled.variant;
    if (same && view.stream == "fail_rate") dispersion = std::max(dispersion, view.dispersion);
  }
  return dispersion;
}

std::map<SiblingsKey, Siblings> Families(const std::vector<RolledWindow>& cohorts,
                                         const std::vector<DriftView>& drift) {
  std::map<SiblingsKey, Siblings> families;
  for (const RolledWindow& rolled : cohorts) {
    const auto [known, is_new] = families.try_emplace(KeyOf(rolled));
    Siblings& family = known->second;
    if (is_new) family.dispersion = DispersionOf(drift, rolled);
    for (std::size_t i = 0; i < kShrunk.size(); ++i) {
      const Count count = kShrunk[i].count(rolled.window.total);
      if (count.n > 0) family.counts[i].push_back(count);
    }
    family.decisions.n += rolled.window.total->decided;
    family.decisions.s += rolled.window.total->flagged;
  }
  for (auto& [key, family] : families) {
    for (std::size_t i = 0; i < kShrunk.size(); ++i) {
      if (!family.counts[i].empty()) family.priors[i] = EstimatePrior(family.counts[i]);
    }
  }
  return families;
}

void WriteShrunk(JsonWriter& json, const Aggregate& total, const Siblings& family) {
  json.Key("shrunk").BeginObject();
  for (std::size_t i = 0; i < kShrunk.size(); ++i) {
    if (!family.priors[i]) continue;
    const Count count = kShrunk[i].count(total);
    json.Key(kShrunk[i].name).BeginObject();
    json.Field("value", ShrunkRate(count, *family.priors[i]));
    json.Field("low", ShrunkLowerBound(count, *family.priors[i], 0.975));
    json.Field("high", ShrunkUpperBound(count, *family.priors[i], 0.975));
    json.Field("n", count.n).EndObject();
  }
  json.EndObject();
}

// The smallest factor by which the cohort's fail rate would have to rise from that of all cohorts
// to be noticed within a day of traffic like that of the window, at one false alarm in 30 days.
std::optional<double> SmallestLift(const RolledWindow& rolled, const Siblings& family) {
  const double events =
      double(rolled.window.total->decided) * kDay * 1e6 / double(rolled.window.window.count());
  if (family.decisions.s <= 0 || family.decisions.s == family.decisions.n) return std::nullopt;
  const double n = double(family.decisions.n);
  const double s = double(family.decisions.s);
  const BudgetShares budget(1, {.cohorts = true});
  const DelayQuestion question{.threshold = budget.Threshold(budget.Cohorts()),
                               .tempering = BaselineOptions{}.tempering_margin * family.dispersion,
                               .step_events = events / kStepsPerDay};
  return SmallestDetectableLift(Direction::kUp, s / n, MakeNullInterval(n, s, kTolerance), events,
                                question);
}

void WriteMonitorable(JsonWriter& json, const RolledWindow& rolled, const Siblings& family) {
  const auto lift = SmallestLift(rolled, family);
  const bool monitorable = lift && *lift <= kLargestUsefulLift;
  json.Field("status", monitorable ? "monitorable" : "not_monitorable");
  json.Key("smallest_detectable_lift");
  if (lift) {
    json.Value(*lift);
  } else {
    json.Null();
  }
}

}  // namespace

std::string CohortsJson(const std::vector<WindowRef>& windows, std::string_view dimension,
                        const std::vector<DriftView>& drift) {
  std::vector<RolledWindow> cohorts;
  for (RolledWindow& rolled : RollUp(windows)) {
    const bool asked = dimension.empty() || rolled.slice.dimension == dimension;
    if (!rolled.slice.whole() && asked) cohorts.push_back(std::move(rolled));
  }
  const std::map<SiblingsKey, Siblings> families = Families(cohorts, drift);
  JsonWriter json;
  json.BeginObject().Key("cohorts").BeginArray();
  for (const RolledWindow& rolled : cohorts) {
    const Siblings& family = families.at(KeyOf(rolled));
    const Aggregate& total = rolled.window.total;
    json.BeginObject();
    WriteRolledFields(json, rolled);
    json.Field("dimension", rolled.slice.dimension).Field("value", rolled.slice.value);
    json.Field("scored", total.scored).Field("decided", total.decided);
    json.Field("flagged", total.flagged).Field("labeled", total.labeled).Key("statistics");
    WriteStatistics(json, total, StatisticSet::kHeadline);
    WriteShrunk(json, total, family);
    WriteMonitorable(json, rolled, family);
    json.EndObject();
  }
  json.EndArray().EndObject();
  return json.Take();
}

}  // namespace guardwatch
