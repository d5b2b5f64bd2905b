#include "config/suggest.h"

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

const std::vector<std::string> kKeys{"name", "threshold", "band", "for", "keep_firing_for"};

TEST(EditDistanceTest, CountsInsertionsDeletionsReplacementsAndSwaps) {
  EXPECT_EQ(EditDistance("band", "band", 2), 0u);
  EXPECT_EQ(EditDistance("treshold", "threshold", 2), 1u);
  EXPECT_EQ(EditDistance("bands", "band", 2), 1u);
  EXPECT_EQ(EditDistance("bond", "band", 2), 1u);
  EXPECT_EQ(EditDistance("bnad", "band", 2), 1u);
  EXPECT_EQ(EditDistance("thershodl", "threshold", 2), 2u);
}

TEST(EditDistanceTest, GivesUpBeyondTheLimit) {
  EXPECT_GT(EditDistance("kitten", "sitting", 2), 2u);
  EXPECT_EQ(EditDistance("kitten", "sitting", 3), 3u);
  EXPECT_GT(EditDistance("", "abc", 2), 2u);
}

TEST(NearMatchTest, FindsTheNearestCandidate) {
  EXPECT_EQ(NearMatch("treshold", kKeys), "threshold");
  EXPECT_EQ(NearMatch("keep-firing-for", kKeys), "keep_firing_for");
}

TEST(NearMatchTest, DoesNotGuessForShortOrUnrelatedWords) {
  EXPECT_EQ(NearMatch("nose", kKeys), std::nullopt);
  EXPECT_EQ(NearMatch("fo", kKeys), "for");
  EXPECT_EQ(NearMatch("windows", kKeys), std::nullopt);
  EXPECT_EQ(DidYouMean("windows", kKeys), "");
  EXPECT_EQ(DidYouMean("bnad", kKeys), "did you mean 'band'?");
}

}  // namespace
}  // namespace guardwatch
