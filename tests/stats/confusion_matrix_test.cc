#include "stats/confusion_matrix.h"

#include <rapidcheck.h>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

ConfusionMatrix Rows(const std::vector<std::vector<std::int64_t>>& rows) {
  ConfusionMatrix matrix;
  for (std::size_t actual = 0; actual < rows.size(); ++actual) {
    for (std::size_t predicted = 0; predicted < rows.size(); ++predicted) {
      matrix.Add(actual, predicted, rows[actual][predicted]);
    }
  }
  return matrix;
}

// Expected values from scikit-learn 1.9.
TEST(ConfusionMatrixTest, GivesTheValuesOfScikitLearn) {
  const ConfusionMatrix matrix = Rows({{50, 3, 2}, {5, 30, 10}, {0, 4, 96}});
  EXPECT_EQ(matrix.n(), 200);
  EXPECT_EQ(matrix.correct(), 176);
  EXPECT_DOUBLE_EQ(matrix.Accuracy().value(), 0.88);
  EXPECT_DOUBLE_EQ(matrix.MacroPrecision().value(), 0.8695968695968697);
  EXPECT_DOUBLE_EQ(matrix.MacroRecall().value(), 0.8452525252525253);
  EXPECT_DOUBLE_EQ(matrix.MacroF1().value(), 0.854625049747001);
  EXPECT_DOUBLE_EQ(matrix.CohenKappa().value(), 0.8041615667074663);
}

TEST(ConfusionMatrixTest, ClassesWithoutDenominatorAreLeftOut) {
  // Class 2 is never predicted, class 3 never actual: scikit-learn with zero_division=nan.
  const ConfusionMatrix matrix = Rows({{2, 1, 0, 0}, {0, 1, 0, 1}, {1, 1, 0, 0}, {0, 0, 0, 0}});
  EXPECT_DOUBLE_EQ(matrix.MacroPrecision().value(), 0.3333333333333333);
  EXPECT_DOUBLE_EQ(matrix.MacroRecall().value(), 0.38888888888888884);
  EXPECT_DOUBLE_EQ(matrix.MacroF1().value(), 0.26666666666666666);
  EXPECT_DOUBLE_EQ(matrix.CohenKappa().value(), 0.17647058823529405);
}

TEST(ConfusionMatrixTest, NothingIsAbsentAndOneClassHasNoKappa) {
  const ConfusionMatrix empty;
  EXPECT_FALSE(empty.Accuracy());
  EXPECT_FALSE(empty.MacroPrecision());
  EXPECT_FALSE(empty.MacroRecall());
  EXPECT_FALSE(empty.MacroF1());
  EXPECT_FALSE(empty.CohenKappa());

  ConfusionMatrix one;
  one.Add(1, 1, 7);
  EXPECT_EQ(one.Accuracy(), 1.0);
  EXPECT_EQ(one.MacroF1(), 1.0) << "class 0 was never seen";
  EXPECT_FALSE(one.CohenKappa());
}

TEST(ConfusionMatrixTest, OneClassAgainstTheRestIsACount) {
  const ClassCounts counts = Rows({{50, 3, 2}, {5, 30, 10}, {0, 4, 96}}).OneVsRest(1);
  EXPECT_EQ(counts.true_positive, 30);
  EXPECT_EQ(counts.false_positive, 7);
  EXPECT_EQ(counts.false_negative, 15);
  EXPECT_EQ(counts.true_negative, 148);
}

TEST(ConfusionMatrixTest, GrowsWithTheGreatestClass) {
  ConfusionMatrix matrix;
  matrix.Add(0, 1, 3);
  matrix.Add(4, 0, 2);
  EXPECT_EQ(matrix.classes(), 5u);
  EXPECT_EQ(matrix.At(0, 1), 3);
  EXPECT_EQ(matrix.At(4, 0), 2);
  EXPECT_EQ(matrix.At(9, 9), 0);
  ConfusionMatrix small;
  small.Add(0, 1, 3);
  small += matrix;
  EXPECT_EQ(small.At(0, 1), 6);
  EXPECT_EQ(small.At(4, 0), 2);
}

using Pairs = std::vector<std::pair<std::size_t, std::size_t>>;

Pairs AnyPairs() {
  const auto cls = rc::gen::inRange<std::size_t>(0, 5);
  return *rc::gen::container<Pairs>(rc::gen::pair(cls, cls));
}

ConfusionMatrix Of(const Pairs& pairs) {
  ConfusionMatrix matrix;
  for (const auto& [actual, predicted] : pairs) matrix.Add(actual, predicted);
  return matrix;
}

TEST(ConfusionMatrixPropertyTest, MergesExactlyAndTakesBack) {
  EXPECT_TRUE(rc::check([] {
    const Pairs a = AnyPairs();
    const Pairs b = AnyPairs();
    Pairs both = b;
    both.insert(both.end(), a.begin(), a.end());
    ConfusionMatrix sum = Of(a);
    sum += Of(b);
    RC_ASSERT(sum == Of(both));
    sum -= Of(b);
    RC_ASSERT(sum == Of(a));
    sum -= Of(a);
    RC_ASSERT(sum == ConfusionMatrix());
  }));
}

TEST(ConfusionMatrixPropertyTest, OfTwoClassesIsTheBinaryCase) {
  EXPECT_TRUE(rc::check([] {
    const auto count = rc::gen::inRange<std::int64_t>(0, 50);
    const auto [tn, fp, fn, tp] = *rc::gen::tuple(count, count, count, count);
    ConfusionMatrix matrix = Rows({{tn, fp}, {fn, tp}});
    ClassCounts counts;
    counts.true_positive = tp;
    counts.false_positive = fp;
    counts.true_negative = tn;
    counts.false_negative = fn;
    const auto near = [](std::optional<double> a, std::optional<double> b) {
      return a.has_value() == b.has_value() && (!a || std::abs(*a - *b) <= 1e-12);
    };
    RC_ASSERT(near(matrix.Accuracy(), counts.Accuracy()));
    RC_ASSERT(near(matrix.CohenKappa(), counts.CohenKappa()));
    RC_ASSERT(matrix.OneVsRest(1).true_positive == tp);
  }));
}

}  // namespace
}  // namespace guardwatch
