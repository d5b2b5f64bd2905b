#include "stats/confusion.h"

#include <cmath>

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

TEST(ClassCountsTest, RatiosOfFourCounts) {
  const ClassCounts counts{
      .true_positive = 6, .false_positive = 2, .true_negative = 9, .false_negative = 3};
  EXPECT_DOUBLE_EQ(counts.Precision().value(), .75);
  EXPECT_DOUBLE_EQ(counts.Recall().value(), 6.0 / 9.0);
  EXPECT_DOUBLE_EQ(counts.FalsePositiveRate().value(), 2.0 / 11.0);
  EXPECT_DOUBLE_EQ(counts.Specificity().value(), 9.0 / 11.0);
  EXPECT_DOUBLE_EQ(counts.Accuracy().value(), .75);
  EXPECT_DOUBLE_EQ(counts.BalancedAccuracy().value(), (6.0 / 9.0 + 9.0 / 11.0) / 2);
  EXPECT_DOUBLE_EQ(counts.F1().value(), 12.0 / 17.0);
  EXPECT_DOUBLE_EQ(counts.MatthewsCorrelation().value(), 48 / std::sqrt(8.0 * 9 * 11 * 12));
  // Agreement 15/20; by chance (8 * 9 + 12 * 11) / 400 = .51.
  EXPECT_DOUBLE_EQ(counts.CohenKappa().value(), (.75 - .51) / .49);
}

TEST(ClassCountsTest, AnEmptyDenominatorHasNoRatio) {
  const ClassCounts nothing;
  EXPECT_FALSE(nothing.Precision());
  EXPECT_FALSE(nothing.Accuracy());
  EXPECT_FALSE(nothing.F1());
  EXPECT_FALSE(nothing.MatthewsCorrelation());
  EXPECT_FALSE(nothing.CohenKappa());

  const ClassCounts never_flagged{.true_negative = 5, .false_negative = 2};
  EXPECT_FALSE(never_flagged.Precision());
  EXPECT_EQ(never_flagged.F1(), 0.0);
  EXPECT_FALSE(never_flagged.MatthewsCorrelation());
  EXPECT_EQ(never_flagged.CohenKappa(), 0.0);

  const ClassCounts only_negatives{.false_positive = 1, .true_negative = 5};
  EXPECT_FALSE(only_negatives.Recall());
  EXPECT_FALSE(only_negatives.BalancedAccuracy());
  EXPECT_TRUE(only_negatives.Specificity());

  const ClassCounts agreed_by_default{.true_negative = 5};
  EXPECT_FALSE(agreed_by_default.CohenKappa());
}

TEST(ClassCountsTest, ATrillionOfEachDoesNotOverflow) {
  const std::int64_t many = 1'000'000'000'000;
  const ClassCounts counts{many, many, many, many};
  EXPECT_DOUBLE_EQ(counts.MatthewsCorrelation().value(), 0.0);
  EXPECT_DOUBLE_EQ(counts.CohenKappa().value(), 0.0);
}

}  // namespace
}  // namespace guardwatch
