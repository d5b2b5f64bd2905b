// What /api/v1/status says about the budget of drift alarms, and what the page reads of it.

#include <regex>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "example.h"
#include "expose/json_api.h"
#include "support/golden.h"

namespace guardwatch {
namespace {

using ::testing::HasSubstr;

Snapshot Watched() {
  Snapshot snapshot = ExampleSnapshot();
  snapshot.drift_shares.emplace(2, BudgetDemand{3, 15, 1, true});
  snapshot.drift_budget = snapshot.drift_shares->Sentence();
  snapshot.drift_spent = 1.5;
  return snapshot;
}

TEST(DriftStatusTest, SaysAmongWhatTheBudgetIsShared) {
  const std::string json = StatusJson(Watched(), ExampleSelf());
  EXPECT_THAT(json, HasSubstr(R"("false_alarms_per_30d":2)"));
  EXPECT_THAT(json, HasSubstr(R"("units":3,"statistics":15,"versions":1,"cohorts":true)"));
  EXPECT_THAT(json, HasSubstr(R"("false_alarms_per_30d_at_most":1.5)"));
}

TEST(DriftStatusTest, HoldsEverythingThatThePageReads) {
  const std::string json = StatusJson(Watched(), ExampleSelf());
  const std::string drift = json.substr(json.find(R"("drift":{)"));
  const std::string page =
      ReadFile(std::string(GUARDWATCH_SOURCE_DIR) + "/lib/expose/web/budget.js");
  const std::regex field(R"(\bdrift\.([a-z_0-9]+))");
  std::set<std::string> read;
  for (std::sregex_iterator at(page.begin(), page.end(), field), end; at != end; ++at) {
    read.insert((*at)[1]);
  }
  EXPECT_GE(read.size(), 5u);
  for (const std::string& name : read) EXPECT_THAT(drift, HasSubstr('"' + name + "\":"));
}

}  // namespace
}  // namespace guardwatch
