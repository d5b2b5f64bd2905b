#include "stats/loss.h"

#include <cmath>
#include <cstddef>

#include <gtest/gtest.h>

#include "stats/cross_entropy.h"
#include "stats/twelve_scores.h"

namespace guardwatch {
namespace {

using score_grid::kCoarse;
using score_grid::kFine;
using twelve_scores::kP;
using twelve_scores::kY;

struct Labeled {
  LossSums sums;
  ScoreHistogram histogram;

  void Add(double p, bool positive) {
    const Score score = Score::FromClipped(p);
    sums.n += 1;
    sums.positive += positive ? 1 : 0;
    sums.loss_q24 += LogLossQ24(score, positive);
    sums.score_q_squared += Int128{score.q} * score.q;
    sums.positive_score_q += positive ? score.q : 0;
    histogram.AddLabel(score, kFine, positive);
  }
};

Labeled TwelveScores() {
  Labeled labeled;
  for (std::size_t i = 0; i < kP.size(); ++i) labeled.Add(kP[i], kY[i]);
  return labeled;
}

TEST(LossTest, TwelveScores) {
  const auto loss = LogLossOf(TwelveScores().sums);
  ASSERT_TRUE(loss);
  EXPECT_NEAR(loss->nats, 0.477809, 5e-7);
  EXPECT_NEAR(loss->bits(), 0.689332, 5e-7);
  EXPECT_NEAR(loss->perplexity(), 1.612537, 5e-7);
  EXPECT_NEAR(loss->normalized_entropy.value(), 0.689332, 5e-7);
  // Half the labels are positive, so the base rate costs one bit and both figures agree.
  EXPECT_DOUBLE_EQ(*loss->normalized_entropy, loss->bits());
}

TEST(LossTest, TheExponentialOfTheTotalIsTheProductOfTheProbabilities) {
  double product = 1;
  double total = 0;
  for (std::size_t i = 0; i < kP.size(); ++i) {
    product *= kY[i] ? kP[i] : 1 - kP[i];
    total += BinaryCrossEntropy(kP[i], kY[i] ? 1.0 : 0.0);
  }
  EXPECT_NEAR(product, 0.00323507, 5e-9);
  EXPECT_NEAR(std::exp(-total) / product, 1.0, 1e-12);
  const auto loss = LogLossOf(TwelveScores().sums);
  EXPECT_NEAR(std::exp(-12 * loss->nats) / product, 1.0, 1e-6);  // In steps of 2^-24 nats.
}

TEST(LossTest, BrierIsExactAndHasASkill) {
  const auto brier = BrierOf(TwelveScores().sums);
  ASSERT_TRUE(brier);
  EXPECT_NEAR(brier->score, 0.154275, 1e-9);
  EXPECT_NEAR(brier->skill.value(), 0.3829, 5e-9);
}

TEST(LossTest, LabelSmoothingMovesTargetsTowardsUniform) {
  double total = 0;
  for (std::size_t i = 0; i < kP.size(); ++i) {
    const double both[] = {1 - kP[i], kP[i]};
    total += CrossEntropy(both, kY[i] ? 1 : 0, .1);
  }
  EXPECT_NEAR(total / 12, 0.541835, 5e-7);
}

TEST(LossTest, OneWrongCertaintyCostsWhatTheClippingAllows) {
  const auto cost = [](double eps) { return BinaryCrossEntropy(ClipProbability(0.0, eps), 1.0); };
  EXPECT_NEAR(cost(1e-15), 34.54, 5e-3);
  EXPECT_NEAR(cost(0x1p-52), 36.04, 5e-3);
  EXPECT_NEAR(cost(0x1p-23), 15.94, 5e-3);
  EXPECT_NEAR(cost(0x1p-31), 21.49, 5e-3);
  Labeled labeled;
  labeled.Add(0, true);
  EXPECT_NEAR(LogLossOf(labeled.sums)->nats, 21.49, 5e-3);
}

TEST(LossTest, SaturatedScoresCanBeLeftOut) {
  Labeled labeled = TwelveScores();
  labeled.Add(0, true);
  labeled.Add(0, false);
  labeled.Add(1, true);
  labeled.Add(1, false);
  EXPECT_GT(LogLossOf(labeled.sums)->nats, 2.5);
  const LossSums rest = labeled.sums.WithoutSaturated(labeled.histogram, kFine);
  const LossSums twelve = TwelveScores().sums;
  EXPECT_EQ(rest.n, 12);
  EXPECT_EQ(rest.positive, 6);
  EXPECT_EQ(rest.loss_q24, twelve.loss_q24);
  EXPECT_EQ(rest.score_q_squared, twelve.score_q_squared);
  EXPECT_EQ(rest.positive_score_q, twelve.positive_score_q);
}

TEST(LossTest, NoLabelsHaveNoLossAndOneClassHasNothingToCompareWith) {
  EXPECT_FALSE(LogLossOf({}));
  EXPECT_FALSE(BrierOf({}));
  Labeled labeled;
  labeled.Add(.25, false);
  EXPECT_NEAR(LogLossOf(labeled.sums)->nats, -std::log(.75), 1e-7);
  EXPECT_FALSE(LogLossOf(labeled.sums)->normalized_entropy);
  EXPECT_DOUBLE_EQ(BrierOf(labeled.sums)->score, .0625);
  EXPECT_FALSE(BrierOf(labeled.sums)->skill);
}

TEST(ScoreDivergenceTest, SplitsTheCrossEntropy) {
  // With half a count added to each of four bins, the shares are (.4 .3 .2 .1) and (.5 .3 .15 .05).
  ScoreHistogram current;
  ScoreHistogram reference;
  const int counts[4][2] = {{80, 100}, {60, 60}, {40, 30}, {20, 10}};
  for (std::uint16_t bin = 0; bin < 4; ++bin) {
    for (int i = 0; i < 10'000 * counts[bin][0]; ++i) current.AddScore(bin);
    for (int i = 0; i < 10'000 * counts[bin][1]; ++i) reference.AddScore(bin);
  }
  const auto divergence = DivergenceOf(current, reference);
  ASSERT_TRUE(divergence);
  EXPECT_NEAR(divergence->divergence, .0375937, 2e-6);
  EXPECT_NEAR(DivergenceOf(reference, current)->divergence, .0337621, 2e-6);
  EXPECT_NEAR(divergence->entropy, 1.2798542, 2e-6);
  EXPECT_NEAR(divergence->cross_entropy, divergence->entropy + divergence->divergence, 1e-15);
}

TEST(ScoreDivergenceTest, ABinThatTheReferenceNeverSawIsUnlikelyNotImpossible) {
  ScoreHistogram current;
  ScoreHistogram reference;
  current.AddScore(1);
  reference.AddScore(2);
  // Shares (.75, .25) against (.25, .75).
  EXPECT_NEAR(DivergenceOf(current, reference)->divergence, .5 * std::log(3.0), 1e-15);
  EXPECT_NEAR(DivergenceOf(current, current)->divergence, 0.0, 1e-15);
  EXPECT_FALSE(DivergenceOf(current, {}));
  EXPECT_FALSE(DivergenceOf({}, reference));
}

}  // namespace
}  // namespace guardwatch
