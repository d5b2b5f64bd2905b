#include "stats/minimum_evidence.h"

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

// 12 of 80 where 5 % are normal, shrunk to a 95 % lower limit of .0752.
CohortEvidence Enough() {
  CohortEvidence evidence;
  evidence.n = 80;
  evidence.s = 12;
  evidence.expected_rate = .05;
  evidence.normal_low = .04;
  evidence.normal_high = .06;
  evidence.shrunk_low = .0752;
  evidence.shrunk_high = .18;
  evidence.panes = 2;
  evidence.sessions = 3;
  evidence.detected = true;
  return evidence;
}

TEST(MinimumEvidenceTest, ACohortWithAllOfItMayBeNamed) {
  EXPECT_EQ(FindMissingEvidence(Enough()), std::nullopt);
}

TEST(MinimumEvidenceTest, EachPartIsNeeded) {
  CohortEvidence evidence = Enough();
  evidence.detected = false;
  EXPECT_EQ(FindMissingEvidence(evidence), MissingEvidence::kDetection);

  evidence = Enough();
  evidence.n = 49;
  EXPECT_EQ(FindMissingEvidence(evidence), MissingEvidence::kEvents);

  evidence = Enough();
  evidence.s = 4;
  evidence.expected_rate = .06;  // 4.8 expected.
  EXPECT_EQ(FindMissingEvidence(evidence), MissingEvidence::kRareOutcomes);

  evidence = Enough();
  evidence.shrunk_low = .06;
  EXPECT_EQ(FindMissingEvidence(evidence), MissingEvidence::kDistance);

  evidence = Enough();
  evidence.panes = 1;
  EXPECT_EQ(FindMissingEvidence(evidence), MissingEvidence::kPanes);

  evidence = Enough();
  evidence.sessions = 2;
  EXPECT_EQ(FindMissingEvidence(evidence), MissingEvidence::kSessions);
}

TEST(MinimumEvidenceTest, ExpectedOutcomesThatDoNotComeAreEvidenceToo) {
  CohortEvidence evidence = Enough();
  evidence.n = 400;
  evidence.s = 0;
  evidence.shrunk_low = 0;
  evidence.shrunk_high = .02;
  EXPECT_EQ(FindMissingEvidence(evidence), std::nullopt);
}

TEST(MinimumEvidenceTest, OfARateAboveHalfTheOtherOutcomeIsRare) {
  CohortEvidence evidence = Enough();
  evidence.expected_rate = .99;
  evidence.normal_low = .98;
  evidence.normal_high = 1;
  evidence.s = 76;  // 4 others seen, .8 expected.
  evidence.shrunk_high = .97;
  EXPECT_EQ(FindMissingEvidence(evidence), MissingEvidence::kRareOutcomes);
  evidence.s = 75;
  EXPECT_EQ(FindMissingEvidence(evidence), std::nullopt);
}

}  // namespace
}  // namespace guardwatch
