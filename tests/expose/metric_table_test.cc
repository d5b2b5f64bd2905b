#include "expose/metric_table.h"

#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "support/golden.h"

namespace guardwatch {
namespace {

// `| name | type | labels | help |`, as docs/metrics.md has it.
std::string DocsRow(const Metric& metric) {
  std::string labels;
  for (const std::string& label : metric.labels) labels += (labels.empty() ? "" : ", ") + label;
  return "| `" + metric.name + "` | " + std::string(ToString(metric.type)) + " | " + labels +
         " | " + metric.help + " |";
}

TEST(MetricTable, IsWhatTheDocumentationLists) {
  std::vector<std::string> rows;
  std::istringstream lines(ReadFile(std::string(GUARDWATCH_SOURCE_DIR) + "/docs/metrics.md"));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("| `guardwatch_")) rows.push_back(line);
  }
  std::vector<std::string> expected;
  for (const Metric& metric : MetricTable()) expected.push_back(DocsRow(metric));
  EXPECT_EQ(rows, expected);
}

TEST(MetricTable, NamesEveryMetricOnce) {
  std::set<std::string> names;
  for (const Metric& metric : MetricTable()) {
    EXPECT_TRUE(names.insert(metric.name).second) << metric.name;
    EXPECT_TRUE(metric.name.starts_with("guardwatch_")) << metric.name;
  }
}

TEST(MetricTable, KeepsTotalForCountersAndHistogramSuffixesForNobody) {
  for (const Metric& metric : MetricTable()) {
    EXPECT_EQ(metric.name.ends_with("_total"), metric.type == MetricType::kCounter) << metric.name;
    for (const char* suffix : {"_sum", "_count", "_bucket"}) {
      EXPECT_FALSE(metric.name.ends_with(suffix)) << metric.name;
    }
  }
}

// Such labels are set by whoever scrapes; ours would be renamed to exported_*, or hide theirs.
TEST(MetricTable, LeavesTargetLabelsToTheirOwner) {
  const std::set<std::string> taken{"job",      "instance", "type",    "region", "zone",
                                    "cluster",  "env",      "service", "stage",  "owner",
                                    "customer", "le",       "quantile"};
  for (const Metric& metric : MetricTable()) {
    for (const std::string& label : metric.labels) {
      EXPECT_FALSE(taken.contains(label)) << metric.name << " " << label;
    }
  }
}

// The serializer writes HELP as it is: a line break or backslash in it would break the exposition.
TEST(MetricTable, HelpIsOnePlainSentence) {
  for (const Metric& metric : MetricTable()) {
    EXPECT_EQ(metric.help.find_first_of("\\\n|"), std::string::npos) << metric.name;
    EXPECT_TRUE(metric.help.ends_with('.')) << metric.name;
  }
}

}  // namespace
}  // namespace guardwatch
