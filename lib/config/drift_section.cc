#include "base/rfc3339.h"
#include "config/sections.h"

namespace guardwatch {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

std::optional<EventTime> ReadTime(const std::optional<YamlValue>& value) {
  if (!value) return std::nullopt;
  const auto text = value->Text();
  const auto time = text ? ParseRfc3339(*text) : std::nullopt;
  if (text && !time) value->FailExpected("an RFC 3339 time, such as 2026-11-01T00:00:00Z");
  return time;
}

void ReadPeriod(const YamlValue& value, DriftOptions& drift) {
  YamlMap map(value);
  const auto from = ReadTime(map.Require("from"));
  const auto to = ReadTime(map.Require("to"));
  if (!from || !to) return;
  if (*to - *from < hours(1)) {
    map.Fail("expected 'to' at least 1h after 'from'");
  } else {
    drift.period = {*from, *to};
  }
}

}  // namespace

DriftOptions ReadDrift(const YamlValue& value) {
  DriftOptions drift;
  YamlMap map(value);
  map.Read("enabled", drift.enabled);
  map.Read("learn", drift.learn, {hours(1), hours(24 * 60)});
  if (const auto baseline = map.Find("baseline")) ReadPeriod(*baseline, drift);
  if (const auto file = map.Find("baseline_file")) {
    const auto text = file->AnyText();
    if (text && !text->empty()) drift.given_from = file->FilePath().value_or("");
  }
  map.Read<SlotScheme>("slots", drift.slots,
                       {{"none", SlotScheme::kConstant},
                        {"hour_of_day", SlotScheme::kHourOfDay},
                        {"hour_of_week", SlotScheme::kHourOfWeek}});
  map.Read("quiet", drift.quiet, {minutes(10), hours(24 * 30)});
  return drift;
}

}  // namespace guardwatch
