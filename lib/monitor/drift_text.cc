#include "monitor/drift_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <vector>

#include "base/rfc3339.h"
#include "monitor/drift_cause.h"
#include "monitor/status_link.h"
#include "stats/interval.h"

namespace guardwatch {
namespace {

std::string Percent(double share) {
  std::array<char, 32> text{};
  const double percent = 100 * share;
  std::snprintf(text.data(), text.size(), percent < 1 ? "%.2g %%" : "%.3g %%", percent);
  return text.data();
}

std::string Number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3g", value);
  return text.data();
}

// The unit's counts since the change, over all that is kept of it.
Count CountSince(const SourceMonitor& source, const UnitKey& unit, Variant variant,
                 const ActiveDrift& drift, const std::string& cohort) {
  Count sum;
  const DriftStream* stream = FindRateStream(drift.stream);
  if (stream == nullptr) return sum;
  const Slice slice = cohort.empty() ? Slice{} : Slice{drift.dimension, cohort};
  const auto subject = source.subjects().find({unit, variant, slice});
  if (subject == source.subjects().end()) return sum;
  const PaneIndex from = PaneOf(drift.changed, source.grid().coarse);
  const PaneIndex last = PaneOf(
      PaneEnd(drift.alarm.alarm.pane, drift.alarm.pane_width) - Duration(1), source.grid().coarse);
  for (const Series* series : subject->second) {
    if (!drift.version.empty() && series->key().model_version != drift.version) continue;
    for (auto at = series->coarse().lower_bound(from);
         at != series->coarse().end() && at->first <= last; ++at) {
      const Count count = stream->count(at->second);
      sum.n += count.n;
      sum.s += count.s;
    }
  }
  return sum;
}

std::string Now(Count count) {
  if (count.n == 0) return "";
  std::string text = "now " + Percent(double(count.s) / double(count.n));
  if (const auto interval = AnytimeInterval(count.s, count.n)) {
    text +=
        " (between " + Percent(interval->low) + " and " + Percent(interval->high) + " with 95 %)";
  }
  return text + ", from " + std::to_string(count.n) + " events since then";
}

std::string Moved(const ActiveDrift& drift) {
  if (drift.stream == kCalibration || drift.stream == kScoreDistribution) return "has changed";
  if (drift.stream == kRocAuc) return "has worsened";
  switch (drift.alarm.alarm.direction) {
    case Direction::kUp:
      return "has risen";
    case Direction::kDown:
      return "has fallen";
    case Direction::kBoth:
      break;
  }
  return "has changed";
}

std::string ForWhom(const ActiveDrift& drift) {
  if (drift.dimension.empty()) return "";
  const std::string names = NamesOf(drift);
  return names.empty() ? " in some value of " + drift.dimension : " for " + names;
}

// How large the change is, and what was usual.
std::string SizeOf(const SourceMonitor& source, const UnitKey& unit, Variant variant,
                   const ActiveDrift& drift) {
  const std::string cohort = drift.cohorts.empty() ? "" : drift.cohorts.front().cohort;
  if (!drift.dimension.empty() && cohort.empty()) return "";
  const std::string now = Now(CountSince(source, unit, variant, drift, cohort));
  if (now.empty()) return "";
  if (!cohort.empty()) return " For " + drift.dimension + "=" + cohort + " it is " + now + ".";
  return " Usual is " + Percent(drift.alarm.usual) + ", " + now + ".";
}

std::string AlsoDrifting(const std::map<std::string, ActiveDrift>& active,
                         const ActiveDrift& leading) {
  const auto name_of = [](const ActiveDrift& drift) {
    return std::string(drift.stream) + (drift.dimension.empty() ? "" : " by " + drift.dimension);
  };
  std::vector<std::string> names;
  for (const auto& [key, drift] : active) {
    std::string name = name_of(drift);
    if (name == name_of(leading)) continue;
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  if (names.empty()) return "";
  std::string text = " Also drifting: ";
  for (std::size_t i = 0; i < names.size(); ++i) text += (i == 0 ? "" : ", ") + names[i];
  return text + ".";
}

std::string EvidenceOf(const ActiveDrift& drift) {
  const DriftAlarm& alarm = drift.alarm.alarm;
  std::string text;
  const ReferencePeriod& normal = drift.alarm.reference;
  if (normal.events > 0 && normal.from < normal.to) {
    text = "; normal is what " + std::to_string(normal.events) + " events from " +
           FormatRfc3339(normal.from) + " to " + FormatRfc3339(normal.to) + " were";
  }
  return std::string(drift.stream) + (drift.dimension.empty() ? "" : " by " + drift.dimension) +
         ": evidence " + Number(alarm.evidence) + " of " + Number(alarm.threshold) +
         " needed, at " + FormatRfc3339(PaneEnd(alarm.pane, drift.alarm.pane_width)) +
         ", from events since " + FormatRfc3339(drift.changed) + text;
}

// Where the events since the change stand; the whole of what reproduces the alarm is longer and in
// the API.
std::string InputOf(const SourceMonitor& source, const ActiveDrift& drift) {
  constexpr std::size_t kLogsNamed = 4;
  const EventTime to = PaneEnd(drift.alarm.alarm.pane, drift.alarm.pane_width);
  const auto ranges = source.logs().RangesOf(drift.changed, to, IsQuality(drift.stream));
  std::string text;
  for (std::size_t i = 0; i < std::min(ranges.size(), kLogsNamed); ++i) {
    text += (i == 0 ? "; the input stands in " : ", ") + ranges[i].topic + "/" +
            std::to_string(ranges[i].partition) + " at offsets " + std::to_string(ranges[i].first) +
            " to " + std::to_string(ranges[i].last);
  }
  if (ranges.size() > kLogsNamed) {
    text += " and " + std::to_string(ranges.size() - kLogsNamed) + " more logs";
  }
  return text;
}

// Whether the traffic without the named cohorts is nearly as it was: then it is about them.
bool IsAboutCohorts(const std::map<std::string, ActiveDrift>& active, const ActiveDrift& drift,
                    const SourceMonitor& source, const UnitKey& unit, Variant variant) {
  if (drift.cohorts.empty()) return false;
  const auto whole = std::find_if(active.begin(), active.end(), [&](const auto& entry) {
    return entry.second.stream == drift.stream && entry.second.dimension.empty();
  });
  if (whole == active.end()) return true;
  ActiveDrift everybody = drift;
  everybody.dimension.clear();
  Count rest = CountSince(source, unit, variant, everybody, "");
  const Count all = rest;
  for (const NamedCohort& cohort : drift.cohorts) {
    const Count part = CountSince(source, unit, variant, drift, cohort.cohort);
    rest.n -= part.n;
    rest.s -= part.s;
  }
  if (rest.n <= 0 || all.n <= 0) return false;
  const double usual = whole->second.alarm.usual;
  const double moved = std::abs(double(all.s) / double(all.n) - usual);
  return std::abs(double(rest.s) / double(rest.n) - usual) < moved / 4;
}

// The one to lead with: cohorts that it is all about, then the whole traffic, then what began
// first.
const ActiveDrift& Leading(const std::map<std::string, ActiveDrift>& active,
                           const SourceMonitor& source, const UnitKey& unit, Variant variant) {
  const auto rank = [&](const ActiveDrift& drift) {
    const int about = IsAboutCohorts(active, drift, source, unit, variant) ? 0
                      : drift.dimension.empty()                            ? 1
                                                                           : 2;
    return std::pair{about, drift.raised};
  };
  return std::min_element(
             active.begin(), active.end(),
             [&](const auto& a, const auto& b) { return rank(a.second) < rank(b.second); })
      ->second;
}

std::string UnitName(const UnitKey& unit, Variant variant) {
  std::string name = unit.guardrail;
  if (!unit.category.empty()) name += "/" + unit.category;
  if (variant == Variant::kCandidate) name += " (candidate)";
  return name;
}

}  // namespace

std::string DriftSentence(const ActiveDrift& drift) {
  std::string what(DescribeStream(drift.stream));
  what.front() = static_cast<char>(what.front() - 'a' + 'A');
  std::string text =
      what + " " + Moved(drift) + ForWhom(drift) + " since about " + FormatRfc3339(drift.changed);
  if (!drift.alarm.detail.empty()) text += " (" + drift.alarm.detail + ")";
  return text + ".";
}

std::map<std::string, std::string> DriftAnnotations(
    const UnitKey& unit, Variant variant, const std::map<std::string, ActiveDrift>& active,
    const SourceMonitor& source, const MonitorOptions& options) {
  const ActiveDrift& leading = Leading(active, source, unit, variant);
  EventTime changed = leading.changed;
  EventTime latest = leading.raised;
  for (const auto& [key, drift] : active) {
    changed = std::min(changed, drift.changed);
    latest = std::max(latest, drift.raised);
  }
  std::map<std::string, std::string> texts;
  texts["summary"] = UnitName(unit, variant) + ": " + std::string(DescribeStream(leading.stream)) +
                     " " + Moved(leading) + ForWhom(leading);
  const EpochEvent* epoch = NearestEpoch(source, unit, variant, changed, latest);
  texts["description"] = DriftSentence(leading) + SizeOf(source, unit, variant, leading) +
                         AlsoDrifting(active, leading) + " " + LikelyCause(active, leading, epoch) +
                         LabelsSay(active, options.drift.quiet);
  texts["evidence"] = EvidenceOf(leading) + InputOf(source, leading) +
                      (active.size() == 1 ? ""
                                          : "; " + std::to_string(active.size() - 1) +
                                                " more of this guardrail's statistics drift too");
  texts["since"] = FormatRfc3339(changed);
  std::string link = StatusLink(options.external_url, unit);
  if (!link.empty()) texts["dashboard_url"] = std::move(link);
  return texts;
}

}  // namespace guardwatch
