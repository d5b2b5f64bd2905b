#include "detect/budget.h"

#include <cmath>

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

using std::chrono::hours;

TEST(BudgetTest, ThresholdsAreThePublishedOnes) {
  const BudgetShares one(1);
  EXPECT_DOUBLE_EQ(one.Threshold(1), 518'400);
  EXPECT_NEAR(std::log(one.Threshold(1)), 13.16, .005);
  EXPECT_DOUBLE_EQ(one.Threshold(1.0 / 12), 6'220'800);
  EXPECT_NEAR(one.Threshold(1.0 / 100), 5.18e7, 5e4);
  EXPECT_DOUBLE_EQ(one.Threshold(1.0 / 12, hours(1)), 17'280);
}

TEST(BudgetTest, SharesNeverAddUpToMoreThanThePromise) {
  for (const bool cohorts : {false, true}) {
    for (std::int64_t units : {1, 3, 40}) {
      for (std::int64_t statistics : {1, 5}) {
        for (std::int64_t versions : {1, 2}) {
          const BudgetShares shares(2, {units, statistics, versions, cohorts});
          const double streams = double(units * statistics * versions);
          const double total = streams * (shares.Overall() + 3 * shares.Cohorts(3));
          EXPECT_NEAR(total, 1, 1e-12);
        }
      }
    }
  }
}

TEST(BudgetTest, NewcomersTakeFromTheOthersNotFromThePromise) {
  const BudgetShares before(1, {3, 4, 1, true});
  const BudgetShares after(1, {4, 4, 1, true});
  EXPECT_LT(after.Overall(), before.Overall());
  EXPECT_GT(after.Threshold(after.Overall()), before.Threshold(before.Overall()));
}

TEST(BudgetTest, SaysInWordsHowItIsSpent) {
  EXPECT_EQ(BudgetShares(1, {3, 4, 1, true}).Sentence(),
            "At most 1 false alarm in 30 days on average, over 3 guardrails, 4 statistics of each "
            "and 1 model version: half for the traffic as a whole, half for cohorts; each detector "
            "of a guardrail's whole traffic gets 4.17 % of it and alarms when its evidence reaches "
            "1.24e+07.");
  EXPECT_EQ(
      BudgetShares(.5).Sentence(),
      "At most 0.5 false alarms in 30 days on average, over 1 guardrail, 1 statistic of each "
      "and 1 model version: each detector of a guardrail's whole traffic gets 100 % of it and "
      "alarms when its evidence reaches 7.78e+05.");
}

}  // namespace
}  // namespace guardwatch
