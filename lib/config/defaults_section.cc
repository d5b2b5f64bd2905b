#include <algorithm>

#include "base/duration.h"
#include "config/sections.h"
#include "window/coarse.h"
#include "window/pane.h"

namespace guardwatch {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr Duration kDay = hours(24);
constexpr std::size_t kLongestDimension = 128;

constexpr Range<Duration> kWindowRange{kPaneWidth, 365 * kDay};
constexpr Range<Duration> kHorizonRange{Duration(0), 365 * kDay};

std::optional<Duration> ReadWindow(const YamlValue& value) {
  const auto window = value.Length(kWindowRange);
  if (!window) return std::nullopt;
  if (*window % kPaneWidth == Duration(0)) return window;
  value.FailExpected("a multiple of " + FormatDuration(kPaneWidth));
  return std::nullopt;
}

void ReadWindows(const YamlValue& value, Defaults& defaults) {
  defaults.windows.clear();
  for (const YamlValue& item : value.SomeItems("at least one window")) {
    const auto window = ReadWindow(item);
    if (!window) continue;
    const auto& windows = defaults.windows;
    if (std::find(windows.begin(), windows.end(), *window) != windows.end()) {
      item.Fail("the window " + FormatDuration(*window) + " is listed twice");
      continue;
    }
    defaults.windows.push_back(*window);
    defaults.written_windows.emplace_back(*window, item);
  }
}

}  // namespace

std::vector<std::string> ReadDimensions(const YamlValue& value) {
  std::vector<std::string> names = value.DistinctTexts();
  for (const std::string& name : names) {
    if (name.size() <= kLongestDimension) continue;
    value.FailExpected("names of at most " + std::to_string(kLongestDimension) + " bytes");
  }
  return names;
}

void ReadSourceLimits(YamlMap& map, SourceOptions& options) {
  map.Read("allowed_lateness", options.allowed_lateness, {Duration(0), kDay});
  map.Read("label_lateness", options.label_lateness, {Duration(0), 30 * kDay});
  map.Read("duplicate_window", options.duplicate_window, {Duration(0), kDay});
  map.Read("label_early", options.label_early, {Duration(0), kDay});
  map.Read("label_horizon", options.label_horizon, kHorizonRange);
  map.Read("idle_timeout", options.idle_timeout, {seconds(1), kDay});
  map.Read("hold_timeout", options.hold_timeout, {seconds(1), 7 * kDay});
  map.Read("band", options.band, Range<double>{0, 1});
  map.Read("label_sample", options.label_sample, Range<double>{0, 1, true});
  if (const auto cohorts = map.Find("cohorts")) options.cohorts = ReadDimensions(*cohorts);
}

Defaults ReadDefaults(const YamlValue& value) {
  Defaults defaults;
  YamlMap map(value);
  ReadSourceLimits(map, defaults.source);
  if (const auto windows = map.Find("windows")) ReadWindows(*windows, defaults);
  return defaults;
}

void CheckWindowGrid(const Defaults& defaults, Duration longest_horizon) {
  if (defaults.windows.empty()) return;
  const Duration longest = *std::max_element(defaults.windows.begin(), defaults.windows.end());
  const Duration grid = CoarsePaneWidth(longest, longest_horizon);
  for (const auto& [window, value] : defaults.written_windows) {
    if (window <= kLongestFineWindow || window % grid == Duration(0)) continue;
    value.FailExpected("a multiple of " + FormatDuration(grid),
                       "windows over " + FormatDuration(kLongestFineWindow) +
                           " slide by the coarse pane, which follows from the longest window and "
                           "label horizon");
  }
}

}  // namespace guardwatch
