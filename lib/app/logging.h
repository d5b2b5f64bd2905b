#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace guardwatch {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

struct LoggingOptions {
  LogLevel level = LogLevel::kInfo;
  bool json = false;  // Else logfmt.
};

// Writes one line per call to standard error: time, level, component, message, fields; values are
// escaped, so no input can forge a line. Any thread. There is no global logger: who logs is given
// one.
class Logger {
 public:
  using Field = std::pair<std::string_view, std::string>;

  explicit Logger(LoggingOptions options);
  ~Logger();

  void Write(LogLevel level, std::string_view component, std::string_view message,
             std::initializer_list<Field> fields = {});
  void Info(std::string_view component, std::string_view message,
            std::initializer_list<Field> fields = {}) {
    Write(LogLevel::kInfo, component, message, fields);
  }
  void Warn(std::string_view component, std::string_view message,
            std::initializer_list<Field> fields = {}) {
    Write(LogLevel::kWarning, component, message, fields);
  }
  void Error(std::string_view component, std::string_view message,
             std::initializer_list<Field> fields = {}) {
    Write(LogLevel::kError, component, message, fields);
  }

  // A line that is already formatted.
  void Raw(std::string_view line);

 private:
  struct Sink;
  LoggingOptions options_;
  std::unique_ptr<Sink> sink_;
};

// "trace", "debug", "info", "warning" or "error"; kInfo for anything else.
LogLevel ParseLogLevel(std::string_view text);

}  // namespace guardwatch
