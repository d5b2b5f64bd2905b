#include <map>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "reference/fixture.h"
#include "window/statistics.h"

namespace guardwatch::reference {
namespace {

constexpr int kGrid = score_grid::kFine;
const Threshold kThreshold = Threshold::FromClipped(0.5);

// A decided score of a window; labels are added to it.
void AddScore(Score score, Aggregate& a) {
  a.scored += 1;
  a.sampled += 1;
  a.decided += 1;
  a.with_threshold += 1;
  a.flagged += Flags(kThreshold, score) ? 1 : 0;
  a.in_band += ScoreBand::Around(0.5, 0.05).Contains(score) ? 1 : 0;
  a.score_q += Int128{score.q};
  a.histogram.AddScore(score_grid::BinOf(score, kGrid));
}

void AddLabel(Score score, bool positive, Aggregate& a) {
  constexpr std::uint32_t kOne = 1u << 24;
  const bool flagged = Flags(kThreshold, score);
  const std::uint32_t weight = kOne << score.q % 3;
  a.labeled += 1;
  a.positive += positive ? 1 : 0;
  (flagged ? (positive ? a.true_positive : a.false_positive)
           : (positive ? a.false_negative : a.true_negative)) += 1;
  a.loss += LogLossQ24(score, positive);
  a.labeled_score_q_squared += Int128{score.q} * score.q;
  a.positive_score_q += positive ? Int128{score.q} : Int128{0};
  a.reliability.Add(score, positive);
  a.histogram.AddLabel(score, kGrid, positive);
  a.weighted.AddLabel(weight, positive, 1);
  a.weighted.AddScore(weight, score, positive, 1);
  a.weighted.AddDecision(weight, flagged, positive, 1);
}

// What integers of 2^-24 nats, or a fixed point found to 1e-7, leave open.
double ToleranceOf(std::string_view name) {
  constexpr double kHalfStep = 0x1p-25;
  static const std::map<std::string_view, double> kLoose{{"log_loss", kHalfStep},
                                                         {"log_loss_unsaturated", kHalfStep},
                                                         {"weighted_log_loss", kHalfStep},
                                                         {"log_loss_bits", kHalfStep / .69},
                                                         {"perplexity", 2 * kHalfStep},
                                                         {"normalised_entropy", kHalfStep / .06},
                                                         {"smooth_ece", 2e-7}};
  const auto at = kLoose.find(name);
  return at == kLoose.end() ? 1e-9 : at->second;
}

TEST(RegistryReferenceTest, EveryStatisticOfTheTableHasTwoHundredCases) {
  std::map<std::string_view, int> cases;
  std::map<std::string_view, int> values;
  ForEachLabeledCase("statistics.csv", [&](const LabeledScores& scores, const Case& expected) {
    Aggregate a;
    for (const std::int64_t q : expected.Integers("extra")) {
      AddScore(Score{static_cast<std::uint32_t>(q)}, a);
    }
    scores.ForEach([&](Score score, bool positive) {
      AddScore(score, a);
      AddLabel(score, positive, a);
    });
    for (const Statistic& statistic : Statistics()) {
      const StatisticValue got = statistic.compute(a);
      ExpectSame(expected, std::string(statistic.name), got.value, ToleranceOf(statistic.name));
      ++cases[statistic.name];
      values[statistic.name] += got.value ? 1 : 0;
    }
  });
  for (const Statistic& statistic : Statistics()) {
    EXPECT_GE(cases[statistic.name], 200) << statistic.name;
    EXPECT_GE(values[statistic.name], 20) << statistic.name;  // The others are rightly absent.
  }
}

}  // namespace
}  // namespace guardwatch::reference
