#include "config/environment.h"

#include <algorithm>
#include <cstdlib>

namespace guardwatch {
namespace {

bool IsVariableName(std::string_view name) {
  constexpr auto kLetter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  constexpr auto kDigit = [](char c) { return c >= '0' && c <= '9'; };
  return !name.empty() && kLetter(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return kLetter(c) || kDigit(c); });
}

// `reference` is what stands between "${" and "}".
Result<std::string> Resolve(std::string_view reference, const Environment& environment) {
  constexpr std::string_view kPrefix = "env:";
  if (!reference.starts_with(kPrefix)) return Fail("expected ${env:NAME} after a '$'");
  reference.remove_prefix(kPrefix.size());
  const std::size_t separator = reference.find(":-");
  const std::string name(reference.substr(0, separator));
  if (!IsVariableName(name)) return Fail("expected ${env:NAME} with the name of a variable");
  std::optional<std::string> value = environment(name);
  if (separator != reference.npos) {
    if (!value || value->empty()) value = std::string(reference.substr(separator + 2));
  }
  if (!value) return Fail("the environment variable '" + name + "' is not set");
  return *std::move(value);
}

}  // namespace

Environment ProcessEnvironment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
}

Result<std::string> ExpandEnvironment(std::string_view text, const Environment& environment) {
  std::string expanded;
  while (!text.empty()) {
    const std::size_t dollar = text.find('$');
    expanded += text.substr(0, dollar);
    if (dollar == text.npos) break;
    text.remove_prefix(dollar + 1);
    if (text.starts_with('$')) {
      expanded.push_back('$');
      text.remove_prefix(1);
    } else if (text.starts_with('{')) {
      const std::size_t end = text.find('}');
      if (end == text.npos) return Fail("'${' without a '}'");
      auto value = Resolve(text.substr(1, end - 1), environment);
      if (!value) return value;
      expanded += *value;
      text.remove_prefix(end + 1);
    } else {
      expanded.push_back('$');
    }
  }
  return expanded;
}

}  // namespace guardwatch
