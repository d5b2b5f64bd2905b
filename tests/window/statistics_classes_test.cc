#include "window/statistics_classes.h"

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

// Expected values are exact fractions, worked out from the definitions apart from this code.
TEST(ClassMatrixStatistics, FollowFromTheCountsByTheirDefinitions) {
  const std::array<LabeledClasses::Pair, 6> pairs{{{"spam", "ok", 2},
                                                   {"ok", "ok", 9},
                                                   {"spam", "spam", 4},
                                                   {"fraud", "spam", 1},
                                                   {"fraud", "fraud", 3},
                                                   {"ok", "fraud", 1}}};
  const ClassMatrix matrix = MatrixOf(LabeledClasses(pairs));
  EXPECT_EQ(matrix.classes, (std::vector<std::string>{"fraud", "ok", "spam"}));
  EXPECT_EQ(matrix.counts.At(0, 2), 1);
  EXPECT_EQ(matrix.folded, 0);
  EXPECT_NEAR(*matrix.accuracy.value, 4.0 / 5, 1e-12);
  EXPECT_NEAR(*matrix.macro_precision.value, 521.0 / 660, 1e-12);
  EXPECT_NEAR(*matrix.macro_recall.value, 139.0 / 180, 1e-12);
  EXPECT_NEAR(*matrix.macro_f1.value, 719.0 / 924, 1e-12);
  EXPECT_NEAR(*matrix.cohen_kappa.value, 41.0 / 61, 1e-12);
  EXPECT_EQ(matrix.accuracy.n, 20);
}

TEST(ClassMatrixStatistics, WithoutLabelsThereAreReasons) {
  const ClassMatrix matrix = MatrixOf({});
  EXPECT_TRUE(matrix.classes.empty());
  EXPECT_EQ(matrix.accuracy.reason, "no_data");
  EXPECT_EQ(matrix.cohen_kappa.reason, "no_data");
  const std::array<LabeledClasses::Pair, 1> alone{{{"ok", "ok", 3}}};
  EXPECT_EQ(MatrixOf(LabeledClasses(alone)).cohen_kappa.reason, "one_class");
}

TEST(ClassMatrixStatistics, OfTooManyClassesTheRareOnesShareAPlace) {
  std::vector<std::string> names;
  for (int i = 0; i < 70; ++i) names.push_back("class " + std::to_string(100 + i));
  std::vector<LabeledClasses::Pair> pairs{{"__other__", "class 169", 7}};
  for (int i = 0; i < 70; ++i) {
    pairs.push_back(
        {names[static_cast<std::size_t>(i)], names[static_cast<std::size_t>(i)], i + 1});
  }
  const ClassMatrix matrix = MatrixOf(LabeledClasses(pairs));
  ASSERT_EQ(matrix.classes.size(), 65u);
  EXPECT_EQ(matrix.classes.front(), "class 106");
  EXPECT_EQ(matrix.classes.back(), "__other__");
  EXPECT_EQ(matrix.folded, 1 + 2 + 3 + 4 + 5 + 6 + 7);
  EXPECT_EQ(matrix.counts.At(64, 64), 21);
  EXPECT_EQ(matrix.counts.At(64, 63), 7);
  EXPECT_EQ(matrix.counts.n(), 70 * 71 / 2 + 7);
}

}  // namespace
}  // namespace guardwatch
