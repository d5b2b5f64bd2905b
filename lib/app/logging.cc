#include "app/logging.h"

#include <algorithm>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/json_writer.h"
#include "base/rfc3339.h"
#include "net/clock.h"

namespace guardwatch {
namespace {

std::string_view Name(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "";
}

// A logfmt value: bare if it is plain, else quoted with JSON's escapes.
std::string LogfmtValue(std::string_view value) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_./:+@%[]").find(c) != std::string_view::npos;
  };
  if (!value.empty() && std::all_of(value.begin(), value.end(), plain)) return std::string(value);
  return JsonString(value);
}

}  // namespace

struct Logger::Sink {
  spdlog::logger logger{"guardwatch", std::make_shared<spdlog::sinks::stderr_sink_mt>()};
  Sink() {
    // The line is encoded here: spdlog's own patterns do not escape what they are given.
    logger.set_pattern("%v");
    logger.set_level(spdlog::level::trace);
    logger.flush_on(spdlog::level::trace);
  }
};

Logger::Logger(LoggingOptions options) : options_(options), sink_(std::make_unique<Sink>()) {}
Logger::~Logger() = default;

void Logger::Write(LogLevel level, std::string_view component, std::string_view message,
                   std::initializer_list<Field> fields) {
  if (level < options_.level) return;
  const std::string now = FormatRfc3339(Now());
  if (options_.json) {
    JsonWriter json;
    json.BeginObject().Field("ts", now).Field("level", Name(level));
    json.Field("component", component).Field("msg", message);
    for (const auto& [key, value] : fields) json.Field(key, value);
    json.EndObject();
    return Raw(json.text());
  }
  std::string line = "ts=" + now + " level=" + std::string(Name(level)) +
                     " component=" + LogfmtValue(component) + " msg=" + JsonString(message);
  for (const auto& [key, value] : fields) line += " " + std::string(key) + "=" + LogfmtValue(value);
  Raw(line);
}

void Logger::Raw(std::string_view line) {
  sink_->logger.log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

LogLevel ParseLogLevel(std::string_view text) {
  if (text == "trace" || text == "debug") return LogLevel::kDebug;
  if (text == "warning") return LogLevel::kWarning;
  if (text == "error") return LogLevel::kError;
  return LogLevel::kInfo;
}

}  // namespace guardwatch
