#include "sink/alertmanager_body.h"

#include <algorithm>
#include <chrono>
#include <map>

#include "base/json_writer.h"
#include "base/rfc3339.h"
#include "net/url.h"

namespace guardwatch {
namespace {

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

WallTime EndsAt(const Notification& alert, WallTime now, Duration ends_after) {
  if (!alert.resolved) return std::max(now, alert.starts_at) + ends_after;
  // An end in the future would leave the alert firing until then.
  const WallTime end = std::min(alert.ends_at.value_or(now), now);
  return std::max(end, alert.starts_at + std::chrono::milliseconds(1));
}

void WriteStrings(JsonWriter& json, const std::map<std::string, std::string>& values) {
  std::map<std::string, std::string_view> legal;
  for (const auto& [name, value] : values) {
    if (value.empty()) continue;
    std::string legal_name = AlertmanagerLabelName(name);
    // A name that was legal from the start wins over one that became the same.
    if (legal_name == name) {
      legal.insert_or_assign(std::move(legal_name), value);
    } else {
      legal.try_emplace(std::move(legal_name), value);
    }
  }
  json.BeginObject();
  for (const auto& [name, value] : legal) json.Field(name, value);
  json.EndObject();
}

}  // namespace

std::string AlertmanagerLabelName(std::string_view name) {
  std::string legal;
  if (name.empty() || IsDigit(name.front())) legal += '_';
  for (const char c : name) legal += IsLetter(c) || IsDigit(c) ? c : '_';
  return legal;
}

std::string AlertmanagerBody(std::span<const Notification> batch, WallTime now,
                             Duration ends_after) {
  JsonWriter json;
  json.BeginArray();
  for (const Notification& alert : batch) {
    json.BeginObject().Key("labels");
    WriteStrings(json, alert.labels);
    json.Key("annotations");
    WriteStrings(json, alert.annotations);
    json.Field("startsAt", FormatRfc3339(alert.starts_at));
    json.Field("endsAt", FormatRfc3339(EndsAt(alert, now, ends_after)));
    if (ParseUrl(alert.generator_url)) json.Field("generatorURL", alert.generator_url);
    json.EndObject();
  }
  json.EndArray();
  return json.Take();
}

}  // namespace guardwatch
