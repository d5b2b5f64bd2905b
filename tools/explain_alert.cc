#include "explain_alert.h"

#include <charconv>
#include <utility>

#include "base/rfc3339.h"
#include "config/yaml_document.h"

namespace guardwatch {
namespace {

// JSON is YAML, so the reader of configurations reads it.
const YamlNode* At(const YamlNode& node, std::string_view key) {
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    if (node.keys[i].text == key) return &node.items[i];
  }
  return nullptr;
}

std::string TextAt(const YamlNode& node, std::string_view key) {
  const YamlNode* const value = At(node, key);
  return value == nullptr ? "" : value->text;
}

double NumberAt(const YamlNode& node, std::string_view key) {
  const std::string text = TextAt(node, key);
  double number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::vector<std::string> InputOf(const YamlNode& finding) {
  std::vector<std::string> ranges;
  const YamlNode* const input = At(finding, "input");
  const YamlNode* const logs = input == nullptr ? nullptr : At(*input, "logs");
  if (logs == nullptr) return ranges;
  for (const YamlNode& log : logs->items) {
    ranges.push_back(TextAt(log, "topic") + "/" + TextAt(log, "partition") + ", offsets " +
                     TextAt(log, "first_offset") + " to " + TextAt(log, "last_offset"));
  }
  return ranges;
}

Result<ToldFinding> FindingOf(const YamlNode& node) {
  ToldFinding finding;
  finding.statistic = TextAt(node, "statistic");
  finding.guardrail = TextAt(node, "guardrail");
  finding.category = TextAt(node, "category");
  finding.model_version = TextAt(node, "model_version");
  finding.dimension = TextAt(node, "dimension");
  finding.direction = TextAt(node, "direction");
  finding.detector = TextAt(node, "detector");
  const auto pane = ParseRfc3339(TextAt(node, "pane"));
  if (!pane) return Fail("a finding of the alert has no pane");
  finding.pane = *pane;
  finding.evidence = NumberAt(node, "evidence");
  finding.threshold = NumberAt(node, "threshold");
  finding.input = InputOf(node);
  return finding;
}

Result<ToldAlert> AlertOf(const YamlNode& node, const std::string& id) {
  ToldAlert alert;
  alert.id = id;
  if (const YamlNode* const annotations = At(node, "annotations")) {
    alert.summary = TextAt(*annotations, "summary");
    alert.description = TextAt(*annotations, "description");
  }
  const YamlNode* const drift = At(node, "drift");
  if (drift == nullptr || drift->items.empty()) {
    return Fail("alert " + id + " is none of drift; only these have evidence to reproduce");
  }
  for (const YamlNode& each : drift->items) {
    auto finding = FindingOf(each);
    if (!finding) return tl::unexpected(finding.error());
    alert.findings.push_back(*std::move(finding));
  }
  return alert;
}

}  // namespace

Result<ToldAlert> FindAlert(std::string_view document, const std::string& name,
                            const std::string& id) {
  constexpr YamlLimits kLimits{std::size_t{64} << 20, 5'000'000};
  const YamlResult parsed = ParseYaml(document, kLimits);
  if (!parsed.errors.empty()) return Fail(name + ": " + parsed.errors.front().message);
  const YamlNode* const alerts = At(parsed.root, "alerts");
  if (alerts == nullptr) return Fail(name + ": it holds no \"alerts\"");
  std::string known;
  for (const YamlNode& alert : alerts->items) {
    const std::string its = TextAt(alert, "id");
    if (its == id) return AlertOf(alert, id);
    known += (known.empty() ? "; it has " : ", ") + its;
  }
  return Fail(name + ": there is no alert " + id + known);
}

}  // namespace guardwatch
