#include <vector>

#include <gtest/gtest.h>

#include "reference/fixture.h"
#include "stats/cross_entropy.h"
#include "stats/loss.h"

namespace guardwatch::reference {
namespace {

using score_grid::kFine;

LossSums SumsOf(const LabeledScores& scores) {
  LossSums sums;
  scores.ForEach([&](Score score, bool y) {
    sums.n += 1;
    sums.positive += y ? 1 : 0;
    sums.loss_q24 += LogLossQ24(score, y);
    sums.score_q_squared += Int128{score.q} * score.q;
    sums.positive_score_q += y ? score.q : 0;
  });
  return sums;
}

TEST(LossReferenceTest, LogLossIsWithinHalfAStepOfItsIntegers) {
  constexpr double kHalfStep = 0x1p-25;
  ForEachLabeledCase("decomposition.csv", [](const LabeledScores& scores, const Case& expected) {
    const LossSums sums = SumsOf(scores);
    const auto loss = LogLossOf(sums);
    ExpectSame(expected, "log_loss", Part(loss, &MeanLogLoss::nats), kHalfStep);
    const auto open = LogLossOf(sums.WithoutSaturated(scores.Histogram(), kFine));
    ExpectSame(expected, "log_loss_open", Part(open, &MeanLogLoss::nats), kHalfStep);
    // The base rate of the fixtures has at least 0.06 nats.
    ExpectSame(expected, "normalized", loss ? loss->normalized_entropy : std::nullopt,
               kHalfStep / .06);
  });
}

TEST(LossReferenceTest, BrierScoreAndSkill) {
  ForEachLabeledCase("decomposition.csv", [](const LabeledScores& scores, const Case& expected) {
    const auto brier = BrierOf(SumsOf(scores));
    ExpectSame(expected, "brier", Part(brier, &MeanBrier::score));
    ExpectSame(expected, "skill", brier ? brier->skill : std::nullopt);
  });
}

ScoreHistogram ScoredIn(const std::vector<std::int64_t>& counts) {
  ScoreHistogram histogram;
  for (std::uint16_t bin = 0; bin < counts.size(); ++bin) {
    for (std::int64_t i = 0; i < counts[bin]; ++i) histogram.AddScore(bin);
  }
  return histogram;
}

TEST(LossReferenceTest, DivergenceOfBinnedScores) {
  for (const Case& expected : Read("divergence.csv")) {
    const auto divergence = DivergenceOf(ScoredIn(expected.Integers("current")),
                                         ScoredIn(expected.Integers("reference")));
    ExpectSame(expected, "entropy", Part(divergence, &ScoreDivergence::entropy));
    ExpectSame(expected, "reference_entropy",
               Part(divergence, &ScoreDivergence::reference_entropy));
    ExpectSame(expected, "divergence", Part(divergence, &ScoreDivergence::divergence));
    ExpectSame(expected, "cross_entropy", Part(divergence, &ScoreDivergence::cross_entropy));
  }
}

TEST(LossReferenceTest, CrossEntropyOfOnePrediction) {
  for (const Case& expected : Read("cross_entropy.csv")) {
    const std::vector<double> logits = expected.List("logits");
    const auto label = static_cast<std::size_t>(expected.Value("label").value());
    const double smoothing = expected.Value("smoothing").value();
    ExpectSame(expected, "softmax", CrossEntropyFromLogits(logits, label, smoothing));
    ExpectSame(expected, "logistic",
               BinaryCrossEntropyFromLogit(logits[0], expected.Value("target").value()));
    std::vector<double> probabilities(logits.size());
    Softmax(logits, probabilities);
    ExpectSame(expected, "brier", BrierScore(probabilities, label));
    if (expected.Value("log_loss")) {
      ExpectSame(expected, "log_loss", CrossEntropy(probabilities, label));
    }
  }
}

}  // namespace
}  // namespace guardwatch::reference
