#include "monitor/rules.h"

#include <array>
#include <cstdio>
#include <utility>

#include "base/duration.h"
#include "base/rfc3339.h"
#include "monitor/status_link.h"

namespace guardwatch {
namespace {

bool Matches(const AlertRule& rule, const Subject& subject) {
  if (!rule.source.empty() && rule.source != subject.unit.source) return false;
  if (!rule.guardrail.empty() && rule.guardrail != subject.unit.guardrail) return false;
  if (rule.category && *rule.category != subject.unit.category) return false;
  if (rule.variant != ToString(subject.variant)) return false;
  if (rule.cohort_dimension != subject.slice.dimension) return false;
  return !rule.cohort_value || *rule.cohort_value == subject.slice.value;
}

std::string NumberText(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4g", value);
  return text.data();
}

std::string Name(const Subject& subject) {
  std::string name = subject.unit.guardrail;
  if (!subject.unit.category.empty()) name += "/" + subject.unit.category;
  if (!subject.slice.whole()) name += " in " + subject.slice.dimension + "=" + subject.slice.value;
  if (subject.variant == Variant::kCandidate) name += " (candidate)";
  return name;
}

std::string Described(const AlertRule& rule, const StatisticValue& value) {
  std::string text = rule.statistic + " is " + NumberText(*value.value);
  if (value.low && value.high) {
    text += " (95 % interval " + NumberText(*value.low) + " to " + NumberText(*value.high) + ")";
  }
  text += " over the last " + FormatDuration(rule.window) + ", from " + std::to_string(value.n) +
          " events; the rule allows ";
  return text +
         (rule.above ? "at most " + NumberText(*rule.above)
                     : "at least " + NumberText(*rule.below)) +
         ".";
}

std::string Epochs(const SourceMonitor& source, const Subject& subject, EventTime now) {
  std::string text;
  for (const EpochEvent& event : source.epochs().events()) {
    if (event.unit != subject.unit || event.variant != subject.variant) continue;
    if (now - event.at > source.grid().LongestWindow()) continue;
    text += " " + std::string(ToString(event.field)) + " changed from " + event.from + " to " +
            event.to + " at " + FormatRfc3339(event.at) + ".";
  }
  return text;
}

}  // namespace

void RuleEvaluator::SetRules(std::vector<AlertRule> rules) {
  rules_ = std::move(rules);
  caches_.clear();
}

const std::vector<Subject>& RuleEvaluator::SubjectsOf(const SourceMonitor& source,
                                                      std::size_t rule) {
  Cache& cache = caches_[&source];
  if (cache.version != source.subjects_version()) {
    cache.version = source.subjects_version();
    cache.subjects.assign(rules_.size(), {});
    for (const auto& [subject, series] : source.subjects()) {
      for (std::size_t i = 0; i < rules_.size(); ++i) {
        if (Matches(rules_[i], subject)) cache.subjects[i].push_back(subject);
      }
    }
  }
  return cache.subjects[rule];
}

void RuleEvaluator::Step(const SourceMonitor& source, WindowViewKind view, EventTime now,
                         WallTime wall, AlertBook& book) {
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    const AlertRule& rule = rules_[i];
    const Statistic* statistic = FindStatistic(rule.statistic);
    if (statistic == nullptr) continue;
    if (statistic->label_based != (view == WindowViewKind::kMatured)) continue;
    for (std::size_t slot = 0; slot < source.grid().slots.size(); ++slot) {
      const WindowGrid::Slot& window = source.grid().slots[slot];
      if (window.window != rule.window || window.view != view) continue;
      for (const Subject& subject : SubjectsOf(source, i)) {
        book.Step(rule,
                  Evaluate(rule, *statistic, subject, source.Total(subject, slot), source, now),
                  now, wall);
      }
    }
  }
}

Evaluation RuleEvaluator::Evaluate(const AlertRule& rule, const Statistic& statistic,
                                   const Subject& subject, const Aggregate& total,
                                   const SourceMonitor& source, EventTime now) const {
  Evaluation evaluation;
  evaluation.labels = {{"alertname", rule.name},
                       {"severity", rule.severity},
                       {"source", subject.unit.source},
                       {"guardrail", subject.unit.guardrail},
                       {"category", subject.unit.category},
                       {"variant", std::string(ToString(subject.variant))},
                       {"statistic", rule.statistic},
                       {"window", FormatDuration(rule.window)}};
  if (!subject.slice.whole()) {
    evaluation.labels["dimension"] = subject.slice.dimension;
    evaluation.labels["value"] = subject.slice.value;
  }
  const StatisticValue value = statistic.compute(total);
  evaluation.n = value.n;
  evaluation.value = value.value;
  if (!value.value || value.n < rule.min_events) return evaluation;  // Neither fires nor resolves.
  evaluation.condition = rule.above ? *value.value > *rule.above : *value.value < *rule.below;
  if (!*evaluation.condition) return evaluation;

  const std::string direction = rule.above ? "above " : "below ";
  const std::string bound = NumberText(rule.above ? *rule.above : *rule.below);
  evaluation.annotations["summary"] =
      !rule.summary.empty() ? rule.summary
                            : Name(subject) + ": " + rule.statistic + " is " + direction + bound;
  evaluation.annotations["description"] =
      Name(subject) + ": " + Described(rule, value) + Epochs(source, subject, now);
  evaluation.annotations["evidence"] =
      rule.statistic + "=" + NumberText(*value.value) + " n=" + std::to_string(value.n) +
      " window=" + FormatDuration(rule.window) + " ending " + FormatRfc3339(now);
  if (!rule.runbook_url.empty()) evaluation.annotations["runbook_url"] = rule.runbook_url;
  std::string link = StatusLink(options_.external_url, subject.unit);
  if (!link.empty()) evaluation.annotations["dashboard_url"] = std::move(link);
  return evaluation;
}

}  // namespace guardwatch
