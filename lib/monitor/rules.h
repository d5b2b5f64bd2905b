#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "alert/book.h"
#include "monitor/options.h"
#include "monitor/source_monitor.h"
#include "window/statistics.h"

namespace guardwatch {

// Evaluates the user's rules: those on label-free statistics once per sealed pane, those on label
// statistics once per matured coarse pane, always in the order of event time.
class RuleEvaluator {
 public:
  explicit RuleEvaluator(const MonitorOptions& options)
      : options_(options), rules_(options.rules) {}

  // Takes new rules in place of those before; alerts go on under their labels.
  void SetRules(std::vector<AlertRule> rules);

  void Step(const SourceMonitor& source, WindowViewKind view, EventTime now, WallTime wall,
            AlertBook& book);

 private:
  struct Cache {
    std::uint64_t version = ~std::uint64_t{0};
    std::vector<std::vector<Subject>> subjects;  // By rule.
  };

  const std::vector<Subject>& SubjectsOf(const SourceMonitor& source, std::size_t rule);
  Evaluation Evaluate(const AlertRule& rule, const Statistic& statistic, const Subject& subject,
                      const Aggregate& total, const SourceMonitor& source, EventTime now) const;

  const MonitorOptions& options_;
  std::vector<AlertRule> rules_;
  std::map<const SourceMonitor*, Cache> caches_;
};

}  // namespace guardwatch
