#include <algorithm>

#include "base/duration.h"
#include "config/sections.h"
#include "config/suggest.h"
#include "window/coarse.h"
#include "window/statistics.h"

namespace guardwatch {
namespace {

constexpr Duration kWeek = std::chrono::hours(7 * 24);
constexpr Range<double> kAnyNumber{-kUnbounded, kUnbounded};

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string Join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

const Statistic* ReadMetric(YamlMap& map, AlertRule& rule) {
  const auto value = map.Require("metric");
  const auto name = value ? value->Text() : std::nullopt;
  if (!name) return nullptr;
  const Statistic* statistic = FindStatistic(*name);
  if (statistic == nullptr) {
    std::vector<std::string> names;
    for (const Statistic& known : Statistics()) names.emplace_back(known.name);
    std::string hint = DidYouMean(*name, names);
    if (hint.empty()) hint = "docs/statistics.md lists them, such as band_share, fail_rate or ece";
    value->Fail("unknown metric " + Quote(*name), std::move(hint));
    return nullptr;
  }
  if (statistic->expensive) {
    value->Fail("metric " + Quote(*name) + " takes too long to be judged at every pane",
                "ece and calibration_gap are cheap");
    return nullptr;
  }
  rule.statistic = *name;
  return statistic;
}

// The configured windows that have a matured view: multiples of the coarse pane.
std::vector<Duration> MaturedWindows(const RuleScope& scope) {
  std::vector<Duration> matured;
  const Duration longest = *std::max_element(scope.windows.begin(), scope.windows.end());
  const Duration grid = CoarsePaneWidth(longest, scope.longest_horizon);
  for (const Duration window : scope.windows) {
    if (window % grid == Duration(0)) matured.push_back(window);
  }
  return matured;
}

std::string ListWindows(const std::vector<Duration>& windows) {
  std::vector<std::string> texts;
  for (const Duration window : windows) texts.push_back(FormatDuration(window));
  return texts.empty() ? "none" : Join(texts);
}

void ReadWindow(YamlMap& map, const RuleScope& scope, const Statistic* statistic, AlertRule& rule) {
  const auto fail = [&](const std::optional<YamlValue>& at, const std::string& message,
                        const std::string& hint) {
    at ? at->Fail(message, hint) : map.Fail(message, hint);
  };
  const auto value = map.Find("window");
  if (value) {
    const auto window = value->Length({Duration(1), Duration::max()});
    if (!window) return;
    rule.window = *window;
  } else if (map.Has("window")) {
    return;
  }
  if (scope.windows.empty()) return;  // They are wrong already.
  const std::string name = FormatDuration(rule.window);
  const auto holds = [&](const std::vector<Duration>& windows) {
    return std::find(windows.begin(), windows.end(), rule.window) != windows.end();
  };
  if (!holds(scope.windows)) {
    fail(value, "the window " + name + " is not configured",
         "defaults.windows has " + ListWindows(scope.windows));
    return;
  }
  if (statistic == nullptr || !statistic->label_based) return;
  const auto matured = MaturedWindows(scope);
  if (holds(matured)) return;
  fail(value,
       "'" + rule.statistic + "' rests on labels, and the window " + name + " has no matured view",
       "windows that have one: " + ListWindows(matured));
}

void ReadBound(YamlMap& map, AlertRule& rule) {
  if (const auto above = map.Find("above")) rule.above = above->Number(kAnyNumber);
  if (const auto below = map.Find("below")) rule.below = below->Number(kAnyNumber);
  if (map.Has("above") == map.Has("below")) map.Fail("expected either 'above' or 'below'");
}

void ReadDimension(const std::optional<YamlValue>& value, const RuleScope& scope, AlertRule& rule) {
  auto name = value ? value->Text() : std::nullopt;
  if (!name) return;
  if (!Contains(scope.dimensions, *name)) {
    std::string hint = DidYouMean(*name, scope.dimensions);
    if (hint.empty()) hint = "add it to 'cohorts'";
    value->Fail("no guardrail keeps the cohort dimension " + Quote(*name), std::move(hint));
  }
  rule.cohort_dimension = *std::move(name);
}

void ReadCohort(YamlMap& map, const RuleScope& scope, AlertRule& rule) {
  if (const auto cohort = map.Find("cohort")) {
    YamlMap fields(*cohort);
    ReadDimension(fields.Require("dimension"), scope, rule);
    if (const auto value = fields.Require("value")) rule.cohort_value = value->AnyText();
  }
  ReadDimension(map.Find("per_cohort"), scope, rule);
  if (map.Has("cohort") && map.Has("per_cohort")) {
    map.Fail("expected at most one of 'cohort' and 'per_cohort'");
  }
}

AlertRule ReadRule(const YamlValue& value, const RuleScope& scope) {
  AlertRule rule;
  YamlMap map(value);
  if (const auto alert = map.Require("alert")) {
    if (auto name = alert->Text()) rule.name = *std::move(name);
  }
  const Statistic* statistic = ReadMetric(map, rule);
  if (const auto source = map.Find("source")) {
    const auto name = source->Text();
    if (name && !Contains(scope.sources, *name)) {
      source->Fail("there is no source " + Quote(*name), DidYouMean(*name, scope.sources));
    }
    rule.source = name.value_or("");
  }
  map.Read("guardrail", rule.guardrail);
  if (const auto category = map.Find("category")) rule.category = category->AnyText();
  map.Read<std::string>("variant", rule.variant, {{"live", "live"}, {"candidate", "candidate"}});
  ReadWindow(map, scope, statistic, rule);
  ReadBound(map, rule);
  ReadCohort(map, scope, rule);
  map.Read("for", rule.hold_for, {Duration(0), kWeek});
  map.Read("keep_firing_for", rule.keep_firing_for, {Duration(0), kWeek});
  map.Read("min_events", rule.min_events, {1, std::numeric_limits<std::int64_t>::max()});
  map.Read("severity", rule.severity);
  map.Read("summary", rule.summary);
  if (const auto runbook = map.Find("runbook_url")) {
    if (auto url = ReadUrl(*runbook)) rule.runbook_url = *std::move(url);
  }
  return rule;
}

// Whether some series could raise an alert with the same labels by both rules: one would resolve
// what the other fires.
bool RaiseTheSame(const AlertRule& a, const AlertRule& b) {
  const auto meet = [](const std::string& x, const std::string& y) {
    return x.empty() || y.empty() || x == y;
  };
  const auto may_meet = [](const std::optional<std::string>& x,
                           const std::optional<std::string>& y) { return !x || !y || *x == *y; };
  return !a.name.empty() && a.name == b.name && a.severity == b.severity &&
         a.statistic == b.statistic && a.window == b.window && a.variant == b.variant &&
         meet(a.source, b.source) && meet(a.guardrail, b.guardrail) &&
         may_meet(a.category, b.category) && a.cohort_dimension == b.cohort_dimension &&
         may_meet(a.cohort_value, b.cohort_value);
}

}  // namespace

std::vector<AlertRule> ReadRules(const YamlValue& value, const RuleScope& scope) {
  std::vector<AlertRule> rules;
  for (const YamlValue& item : value.Items()) {
    AlertRule rule = ReadRule(item, scope);
    const bool again = std::any_of(rules.begin(), rules.end(), [&](const AlertRule& other) {
      return RaiseTheSame(rule, other);
    });
    if (again) {
      item.Fail("a rule before can raise the same alert " + Quote(rule.name),
                "alert, severity, metric, window or what they apply to must differ");
    }
    rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace guardwatch
