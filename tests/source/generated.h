#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/rfc3339.h"
#include "source/generator.h"

// Reads generated records as text, without the product's decoder: fields by their names.

namespace guardwatch {

inline std::vector<GeneratedRecord> Generate(const ScenarioOptions& options) {
  std::vector<GeneratedRecord> records;
  Generator generator(options);
  for (GeneratedRecord record; generator.Next(record);) records.push_back(record);
  return records;
}

// The value of the first field of that name, without quotes; nullopt if there is none.
inline std::optional<std::string> Field(std::string_view payload, std::string_view name) {
  std::string key(1, '"');
  key.append(name).append("\":");
  const std::size_t at = payload.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view rest = payload.substr(at + key.size());
  if (rest.starts_with('"')) {
    rest.remove_prefix(1);
    return std::string(rest.substr(0, rest.find('"')));
  }
  return std::string(rest.substr(0, rest.find_first_of(",}")));
}

inline double Number(std::string_view payload, std::string_view name) {
  const std::string text = Field(payload, name).value_or("-1");
  double value = -1;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

inline bool Has(std::string_view payload, std::string_view text) {
  return payload.find(text) != std::string_view::npos;
}

// `guardrail` or `guardrail/category`.
inline std::string Unit(std::string_view payload) {
  const std::string category = Field(payload, "category").value_or("");
  return Field(payload, "guardrail").value_or("") + (category.empty() ? "" : "/" + category);
}

inline EventTime TimeOf(const std::string& payload) {
  const std::string text = Field(payload, "time").value_or("");
  if (const std::optional<EventTime> time = ParseRfc3339(text)) return *time;
  return EventTimeFromMicros(static_cast<std::int64_t>(Number(payload, "time")) * 1000);
}

inline bool IsScored(const GeneratedRecord& record) {
  const std::string kind = Field(record.payload, "kind").value_or("");
  return kind == "score" || kind == "combined";
}

inline bool IsLabel(const GeneratedRecord& record) { return record.topic == "guardrail.labels"; }

inline bool IsFlagged(std::string_view payload) {
  const std::string verdict = Field(payload, "verdict").value_or("allow");
  return verdict != "allow" && verdict != "error";
}

inline bool IsPositive(std::string_view payload) {
  const std::string label = Field(payload, "label").value_or("");
  return label == "true" || label == "1" || label == "unsafe";
}

}  // namespace guardwatch
