#include "sink/log_sink.h"

#include <map>
#include <utility>

#include "base/json_writer.h"
#include "base/rfc3339.h"

namespace guardwatch {
namespace {

void WriteStrings(JsonWriter& json, const std::map<std::string, std::string>& values) {
  json.BeginObject();
  for (const auto& [name, value] : values) json.Field(name, value);
  json.EndObject();
}

std::string Line(const Notification& alert) {
  JsonWriter json;
  json.BeginObject().Field("alert", alert.resolved ? "resolved" : "firing").Field("id", alert.id);
  json.Field("starts_at", FormatRfc3339(alert.starts_at));
  if (alert.ends_at) json.Field("ends_at", FormatRfc3339(*alert.ends_at));
  json.Key("labels");
  WriteStrings(json, alert.labels);
  json.Key("annotations");
  WriteStrings(json, alert.annotations);
  json.EndObject();
  return json.Take();
}

}  // namespace

void LogSink::Send(std::vector<Notification> batch, std::function<void(Result<void>)> done) {
  for (const Notification& alert : batch) write_(Line(alert));
  post_([done = std::move(done)] { done({}); });
}

}  // namespace guardwatch
