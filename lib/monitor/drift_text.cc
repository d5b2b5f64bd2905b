#include "monitor/drift_text.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "base/rfc3339.h"
#include "monitor/drift_cause.h"
#include "monitor/status_link.h"
#include "stats/interval.h"

namespace guardwatch {
namespace {

std::string Percent(double share) {
  if (share > 0 && share < 0.0001) return "less than 0.01 %";
  if (share > 0.999 && share < 1) return "more than 99.9 %";
  std::array<char, 32> text{};
  const double percent = 100 * share;
  std::snprintf(text.data(), text.size(), percent < 1 ? "%.2g %%" : "%.3g %%", percent);
  return text.data();
}

// For the first line, which is read from afar.
std::string ShortPercent(double share) {
  if (share < 0.0001 || share > 0.9) return Percent(share);
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2g %%", 100 * share);
  return text.data();
}

// To two digits, in full.
std::string RoundNumber(double value) {
  if (!(value < 1e15)) return "a million billion";
  double unit = 1;
  while (value / unit >= 100) unit *= 10;
  return std::to_string(static_cast<std::int64_t>(std::floor(value / unit) * unit));
}

std::string TimeOfDay(EventTime at) { return FormatRfc3339(at).substr(11, 5) + " UTC"; }

std::string Capital(std::string text) {
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z') {
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  }
  return text;
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
    series->coarse().ForEach(from, last + 1, [&](PaneIndex, const Aggregate& pane) {
      const Count count = stream->count(pane);
      sum.n += count.n;
      sum.s += count.s;
    });
  }
  return sum;
}

std::string Now(Count count) {
  if (count.n == 0) return "";
  std::string text = "now " + Percent(double(count.s) / double(count.n));
  if (const auto interval = AnytimeInterval(count.s, count.n)) {
    const std::string low = Percent(interval->low);
    const std::string high = Percent(interval->high);
    const bool alike = low == high || (interval->low > 0.999 && interval->high >= 1);
    text += " (" + (alike ? low : "between " + low + " and " + high) + " with 95 % confidence)";
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
struct Size {
  double usual = 0;
  Count now;
};
std::optional<Size> SizeOf(const SourceMonitor& source, const UnitKey& unit, Variant variant,
                           const ActiveDrift& drift) {
  if (!drift.dimension.empty() && drift.cohorts.empty()) return std::nullopt;
  Size size;
  size.usual = drift.alarm.usual;
  std::string cohort;
  if (!drift.cohorts.empty()) {
    cohort = drift.cohorts.front().cohort;
    size.usual = drift.cohorts.front().usual;
  }
  size.now = CountSince(source, unit, variant, drift, cohort);
  return size.now.n > 0 ? std::optional(size) : std::nullopt;
}

std::string SizeSentence(const ActiveDrift& drift, const std::optional<Size>& size) {
  if (!size) return "";
  const std::string usual = Percent(size->usual);
  const std::string now = Now(size->now) + ".";
  if (drift.alarm.detector == DriftDetector::kThresholdChange) {
    return " By the old threshold it would be " + usual + " of the same requests; it is " + now;
  }
  const std::string whose = drift.cohorts.empty() ? "Usual is "
                                                  : "Usual for " + drift.dimension + "=" +
                                                        drift.cohorts.front().cohort + " is ";
  return " " + whose + usual + ", " + now;
}

// "scores near the threshold 22 % instead of 1.2 % for lang=de".
std::string Headline(const ActiveDrift& drift, const std::optional<Size>& size) {
  std::string text(NameStream(drift.stream));
  if (size) {
    text += " " + ShortPercent(double(size->now.s) / double(size->now.n)) + " instead of " +
            ShortPercent(size->usual);
  } else {
    text += " " + Moved(drift);
  }
  return text + ForWhom(drift);
}

// "flagged requests (also by lang and tier), the Brier score".
std::string AlsoDrifting(const std::map<std::string, ActiveDrift>& active,
                         const ActiveDrift& leading) {
  std::map<std::string, std::set<std::string>> dimensions;  // By what drifts; "" for the whole.
  for (const auto& [key, drift] : active) {
    if (drift.stream == leading.stream && drift.dimension == leading.dimension) continue;
    dimensions[std::string(NameStream(drift.stream))].insert(drift.dimension);
  }
  std::string text;
  for (const auto& [name, by] : dimensions) {
    text += (text.empty() ? " Also drifting: " : "; ") + name;
    const bool whole = by.contains("");
    std::string names;
    for (const std::string& dimension : by) {
      if (!dimension.empty()) names += (names.empty() ? "by " : " and by ") + dimension;
    }
    if (!names.empty()) text += whole ? " (also " + names + ")" : " " + names;
  }
  return text.empty() ? "" : text + ".";
}

// How seldom all is well and one statistic shows so much: evidence of E takes E steps on average,
// and as an e-process it is seen after one change in E.
std::string Seldom(const StreamAlarm& said) {
  const double evidence = std::max(said.alarm.evidence, said.alarm.threshold);
  if (said.detector == DriftDetector::kKnownChange ||
      said.detector == DriftDetector::kThresholdChange) {
    return "after at most one in " + RoundNumber(evidence) + " such changes";
  }
  const double days = evidence * std::chrono::duration<double>(said.pane_width).count() / 86400;
  constexpr double kYear = 365.25;
  if (days > 1000 * kYear) return "less than once in a thousand years";
  if (days > 2 * kYear) return "at most once in " + RoundNumber(days / kYear) + " years";
  return "at most once in " + RoundNumber(days) + " days";
}

std::string EvidenceOf(const ActiveDrift& drift) {
  const ReferencePeriod& normal = drift.alarm.reference;
  std::string text = "Healthy traffic shows this much in one statistic " + Seldom(drift.alarm) +
                     ". Seen in events from " + FormatRfc3339(drift.changed) + " to " +
                     FormatRfc3339(PaneEnd(drift.alarm.alarm.pane, drift.alarm.pane_width));
  if (normal.events > 0 && normal.from < normal.to) {
    text += "; normal is what " + std::to_string(normal.events) + " events from " +
            FormatRfc3339(normal.from) + " to " + FormatRfc3339(normal.to) + " were";
  }
  return text;
}

// Where the events since the change stand; the whole of what reproduces the alarm is longer and in
// the API.
std::string InputOf(const SourceMonitor& source, const ActiveDrift& drift) {
  constexpr std::size_t kLogsNamed = 4;
  const EventTime to = PaneEnd(drift.alarm.alarm.pane, drift.alarm.pane_width);
  const auto ranges = source.logs().RangesOf(drift.changed, to, IsLabelBased(drift.stream));
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

// The one to lead with: what labels have not withdrawn; of that cohorts that it is all about, then
// the whole traffic, then what began first.
const ActiveDrift& Leading(const std::map<std::string, ActiveDrift>& active,
                           const SourceMonitor& source, const UnitKey& unit, Variant variant) {
  const auto rank = [&](const ActiveDrift& drift) {
    const int about = IsAboutCohorts(active, drift, source, unit, variant) ? 0
                      : drift.dimension.empty()                            ? 1
                                                                           : 2;
    return std::tuple{drift.verdict == DriftVerdict::kWithdrawn, about, drift.raised};
  };
  // Each once: it takes sums over all that is kept.
  const ActiveDrift* leading = &active.begin()->second;
  auto best = rank(*leading);
  for (auto at = std::next(active.begin()); at != active.end(); ++at) {
    auto next = rank(at->second);
    if (!(next < best)) continue;
    best = next;
    leading = &at->second;
  }
  return *leading;
}

std::string UnitName(const UnitKey& unit, Variant variant) {
  std::string name = unit.guardrail;
  if (!unit.category.empty()) name += "/" + unit.category;
  if (variant == Variant::kCandidate) name += " (candidate)";
  return name;
}

}  // namespace

std::string DriftSentence(const ActiveDrift& drift) {
  std::string text = Capital(std::string(DescribeStream(drift.stream))) + " " + Moved(drift) +
                     ForWhom(drift) + " since about " + FormatRfc3339(drift.changed);
  if (!drift.alarm.detail.empty()) text += " (" + drift.alarm.detail + ")";
  return text + ".";
}

std::map<std::string, std::string> DriftAnnotations(
    const UnitKey& unit, Variant variant, const std::map<std::string, ActiveDrift>& active,
    const SourceMonitor& source, const MonitorOptions& options) {
  const ActiveDrift& leading = Leading(active, source, unit, variant);
  const std::optional<Size> size = SizeOf(source, unit, variant, leading);
  const EpochEvent* epoch = NearestEpoch(source, unit, variant, leading.changed, leading.raised);
  const LikelyCause cause = CauseOf(active, leading, epoch);
  std::map<std::string, std::string> texts;
  texts["summary"] = UnitName(unit, variant) + ": " + Headline(leading, size) + ", since " +
                     TimeOfDay(leading.changed);
  texts["description"] = DriftSentence(leading) + SizeSentence(leading, size) +
                         AlsoDrifting(active, leading) + " Likely cause: " + cause.why +
                         LabelsSay(active, options.drift.quiet) +
                         (cause.advice.empty() ? "" : " What to do: " + cause.advice);
  texts["evidence"] = EvidenceOf(leading) + InputOf(source, leading) + ".";
  texts["since"] = FormatRfc3339(leading.changed);
  std::string link = StatusLink(options.external_url, unit);
  if (!link.empty()) texts["dashboard_url"] = std::move(link);
  return texts;
}

std::map<std::string, std::string> OutageAnnotations(const std::vector<MissingLabels>& missing,
                                                     const SourceMonitor& source,
                                                     const MonitorOptions& options) {
  const MissingLabels& first = *std::min_element(
      missing.begin(), missing.end(),
      [](const auto& a, const auto& b) { return a.drift->changed < b.drift->changed; });
  std::string names;
  std::string sizes;
  for (const MissingLabels& each : missing) {
    const std::string name = UnitName(each.unit, each.variant);
    names += (names.empty() ? "" : ", ") + name;
    if (const auto size = SizeOf(source, each.unit, each.variant, *each.drift)) {
      sizes += " Of " + name + ", requests without a label are " + Now(size->now) + "; usual is " +
               Percent(size->usual) + ".";
    }
  }
  const std::string& name = first.unit.source;
  const LikelyCause cause = CauseOfOutage();
  std::map<std::string, std::string> texts;
  texts["summary"] =
      name + ": labels are missing for " + names + ", since " + TimeOfDay(first.drift->changed);
  texts["description"] = "Fewer requests of source " + name + " get a label since about " +
                         FormatRfc3339(first.drift->changed) + "." + sizes +
                         " Likely cause: " + cause.why + " What to do: " + cause.advice;
  texts["evidence"] = EvidenceOf(*first.drift) + InputOf(source, *first.drift) + ".";
  texts["since"] = FormatRfc3339(first.drift->changed);
  std::string link = StatusLink(options.external_url, first.unit);
  if (!link.empty()) texts["dashboard_url"] = std::move(link);
  return texts;
}

}  // namespace guardwatch
