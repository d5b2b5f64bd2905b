#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "config/config.h"

namespace guardwatch::testing {

using Variables = std::map<std::string, std::string>;

inline Environment FakeEnvironment(Variables variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

inline ConfigResult Parse(std::string_view text, Variables variables = {}) {
  return ParseConfig(text, "guardwatch.yaml", FakeEnvironment(std::move(variables)));
}

// The configuration of a text that must be right.
inline Config ParseValid(std::string_view text, Variables variables = {}) {
  ConfigResult result = Parse(text, std::move(variables));
  EXPECT_EQ(Format(result.errors), "");
  return result.config.value_or(Config{});
}

// One line for each error: the place, the message and the hint, without the excerpt.
inline std::vector<std::string> ErrorLines(std::string_view text, Variables variables = {}) {
  const ConfigResult result = Parse(text, std::move(variables));
  EXPECT_EQ(result.config.has_value(), result.errors.empty());
  std::vector<std::string> lines;
  for (ConfigError error : result.errors) {
    error.excerpt.clear();
    lines.push_back(Format(error));
  }
  return lines;
}

// The shortest valid source; four lines.
inline constexpr std::string_view kSource =
    "sources:\n"
    "  - name: gateway\n"
    "    kafka: {brokers: [localhost:9092], topics: [guardrail.events]}\n"
    "    cohorts: [lang]\n";

// A configuration that consists of kSource and `text`, whose first line is line 5.
inline std::string WithSource(std::string_view text) {
  return std::string(kSource) + std::string(text);
}

}  // namespace guardwatch::testing
