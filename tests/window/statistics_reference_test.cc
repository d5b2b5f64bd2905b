#include "window/statistics_reference.h"

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "window/statistics_stratified.h"

namespace guardwatch {
namespace {

// `scored` scores of p, flagged from 0.5, of which some are labelled.
Aggregate Scores(double p, int scored, int negatives = 0, int positives = 0) {
  const Score score = Score::FromClipped(p);
  const bool flagged = p >= 0.5;
  Aggregate a;
  a.scored = a.decided = a.sampled = scored;
  a.flagged = flagged ? scored : 0;
  a.score_q = Int128{score.q} * scored;
  a.labeled = negatives + positives;
  a.positive = positives;
  (flagged ? a.true_positive : a.false_negative) = positives;
  (flagged ? a.false_positive : a.true_negative) = negatives;
  for (int i = 0; i < scored; ++i) {
    a.histogram.AddScore(score_grid::BinOf(score, score_grid::kFine));
  }
  for (int i = 0; i < negatives + positives; ++i) {
    a.reliability.Add(score, i >= negatives);
    a.histogram.AddLabel(score, score_grid::kFine, i >= negatives);
  }
  return a;
}

Aggregate operator+(Aggregate a, const Aggregate& b) { return a += b; }

StatisticValue Of(const Aggregate& live, const Aggregate& reference, std::string_view name) {
  const std::vector<StatisticValue> values = AgainstReference(live, reference);
  EXPECT_EQ(values.size(), ReferenceStatistics().size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (ReferenceStatistics()[i].name == name) return values[i];
  }
  ADD_FAILURE() << name;
  return {};
}

// Rates .02, .10, .60 and .95 in four bins: the example of confidence based estimation.
Aggregate FourRates() {
  return Scores(.1, 10'000, 9800, 200) + Scores(.3, 1000, 900, 100) + Scores(.7, 1000, 400, 600) +
         Scores(.9, 1000, 50, 950);
}

TEST(ReferenceStatistics, ExpectWhatTheReferenceSaysOfTheScores) {
  const Aggregate live = Scores(.1, 900) + Scores(.3, 60) + Scores(.7, 20) + Scores(.9, 20);
  const Aggregate reference = FourRates();
  EXPECT_NEAR(*Of(live, reference, "expected_prevalence").value, .055, 1e-12);
  EXPECT_NEAR(*Of(live, reference, "expected_precision").value, .775, 1e-12);
  EXPECT_NEAR(*Of(live, reference, "expected_recall").value, .563636, 1e-6);
  EXPECT_NEAR(*Of(live, reference, "expected_f1").value, .652632, 1e-6);
  EXPECT_NEAR(*Of(live, reference, "expected_roc_auc").value, .819962, 1e-6);
  const StatisticValue precision = Of(live, reference, "expected_precision");
  EXPECT_LT(*precision.low, .775);
  EXPECT_GT(*precision.high, .775);
  EXPECT_EQ(precision.n, 1000);
}

TEST(ReferenceStatistics, FindThePrevalenceOfTrafficInWhichOnlyThatChanged) {
  const Aggregate reference = Scores(.2, 1000, 900, 100) + Scores(.8, 1000, 100, 900);
  const Aggregate live = Scores(.2, 1700) + Scores(.8, 300);
  const StatisticValue decisions = Of(live, reference, "prevalence_from_decisions");
  EXPECT_NEAR(*decisions.value, (.15 - .1) / (.9 - .1), 1e-12);
  const StatisticValue scores = Of(live, reference, "prevalence_from_scores");
  EXPECT_NEAR(*scores.value, *decisions.value, 1e-6);  // Two scores say no more.
  EXPECT_LT(*Of(live, reference, "label_shift_z").value, 1e-3);
}

TEST(ReferenceStatistics, DoNotTakeWhatWasReviewedForTheTraffic) {
  // High scores are reviewed ten times as often: 1 in 2 labels is positive, but 1 in 5.5 requests.
  const Aggregate reference = Scores(.2, 10'000, 900, 100) + Scores(.8, 1000, 100, 900);
  const Aggregate same = Scores(.2, 1000) + Scores(.8, 100);
  const double prevalence = (1000. + 900.) / 11'000;
  EXPECT_NEAR(*Of(same, reference, "expected_prevalence").value, prevalence, 1e-12);
  EXPECT_NEAR(*Of(same, reference, "prevalence_from_decisions").value, prevalence, 1e-12);
  EXPECT_NEAR(*Of(same, reference, "prevalence_from_scores").value, prevalence, 1e-6);
}

TEST(ReferenceStatistics, TellWhichWayScoresMovedAndHowSure) {
  const Aggregate reference = FourRates();
  const Aggregate same = Scores(.1, 1000) + Scores(.3, 100) + Scores(.7, 100) + Scores(.9, 100);
  const Aggregate moved = Scores(.1, 400) + Scores(.3, 300) + Scores(.7, 300) + Scores(.9, 300);
  for (const ReferenceStatistic& statistic : ReferenceStatistics()) {
    if (!statistic.distance) continue;
    const StatisticValue still = Of(same, reference, statistic.name);
    const StatisticValue away = Of(moved, reference, statistic.name);
    ASSERT_TRUE(still.value && still.noise_floor && still.p) << statistic.name;
    EXPECT_LE(*still.value, *still.noise_floor) << statistic.name;
    EXPECT_LE(*still.debiased, *away.debiased) << statistic.name;
    EXPECT_GT(*still.p, .9) << statistic.name;
    EXPECT_GT(*away.value, *away.noise_floor) << statistic.name;
    EXPECT_LT(*away.p, 1e-6) << statistic.name;
  }
  // .1 of the mass moves from .1 to .3, .7 and .9 each, by .2, .6 and .8.
  const double share = 300. / 1300 - 100. / 1300;
  EXPECT_NEAR(*Of(moved, reference, "wasserstein").value, share * (.2 + .6 + .8), .01);
  EXPECT_NEAR(*Of(moved, reference, "kolmogorov_smirnov").value, 3 * share, 1e-9);
}

TEST(ReferenceStatistics, KeepTheBinsOfTheReferenceForCalibration) {
  // 100 labels at .1, 100 at .3: four bins of the reference, of which ties leave two.
  const Aggregate reference = Scores(.1, 100, 90, 10) + Scores(.3, 100, 70, 30);
  const Aggregate live = Scores(.1, 20, 20, 0) + Scores(.25, 8, 8, 0) + Scores(.9, 12, 2, 10);
  // Bin one: .1 against 0; bin two: (8 * .25 + 12 * .9) / 20 = .64 against .5.
  EXPECT_NEAR(*Of(live, reference, "ece_frozen_bins").value, .5 * .1 + .5 * .14, 1e-8);
  EXPECT_NEAR(*Of(live, reference, "ace_frozen_bins").value, .12, 1e-8);
  EXPECT_NEAR(*Of(live, reference, "mce_frozen_bins").value, .14, 1e-8);
  EXPECT_EQ(Of(Scores(.1, 20), reference, "ece_frozen_bins").reason, "no_data");
  EXPECT_EQ(Of(live, Scores(.1, 49, 49, 0), "ece_frozen_bins").reason, "too_few");
}

TEST(ReferenceStatistics, SayWhyTheyAreNotThere) {
  const Aggregate live = Scores(.1, 100);
  EXPECT_EQ(Of(live, {}, "expected_recall").reason, "no_data");
  EXPECT_EQ(Of(live, {}, "wasserstein").reason, "no_data");
  EXPECT_EQ(Of({}, FourRates(), "expected_recall").reason, "no_data");
  EXPECT_EQ(Of(live, Scores(.1, 100, 50, 0), "expected_recall").reason, "one_class");
  EXPECT_EQ(Of(Scores(.1, 49), FourRates(), "population_stability_index").reason, "too_few");
  EXPECT_EQ(Of(live, FourRates(), "expected_precision").reason, "no_data");  // Nothing was flagged.
  EXPECT_EQ(Of(live, Scores(.1, 100, 50, 50), "population_stability_index").reason, "too_few");
  EXPECT_EQ(Of(live, Scores(.1, 49, 20, 20), "kolmogorov_smirnov").reason, "too_few");
  EXPECT_TRUE(Of(live, FourRates(), "expected_recall").value);
}

TEST(ReferenceStatistics, AreDocumented) {
  for (const char* file : {"docs/statistics.md", "docs/api.md"}) {
    std::ifstream in(std::string(GUARDWATCH_SOURCE_DIR) + "/" + file);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    for (const ReferenceStatistic& statistic : ReferenceStatistics()) {
      EXPECT_NE(text.find("`" + std::string(statistic.name) + "`"), std::string::npos)
          << file << " does not have " << statistic.name;
    }
  }
}

// Half of what was flagged was reviewed, and one in twenty of the rest.
Aggregate BiasedReview() { return Scores(.2, 9000, 405, 45) + Scores(.8, 1000, 100, 400); }

TEST(StratifiedStatistics, AreThoseOfTheTraffic) {
  const Aggregate a = BiasedReview();
  const auto of = [&](std::string_view name) { return FindStatistic(name)->compute(a); };
  EXPECT_NEAR(*of("prevalence").value, 445. / 950, 1e-12);
  EXPECT_NEAR(*of("stratified_prevalence").value, .9 * .1 + .1 * .8, 1e-12);
  EXPECT_NEAR(*of("recall").value, 400. / 445, 1e-12);
  const double passed = 9000 * 45. / 450;
  const double caught = 1000 * 400. / 500;
  EXPECT_NEAR(*of("stratified_recall").value, caught / (caught + passed), 1e-12);
  EXPECT_NEAR(*of("stratified_precision").value, 400. / 500, 1e-12);
  EXPECT_NEAR(*of("stratified_f1").value, 2 * caught / (1000 + caught + passed), 1e-12);
  EXPECT_NEAR(*of("stratified_calibration_gap").value, .26 - .17, 1e-8);
  EXPECT_LT(*of("stratified_recall").low, *of("stratified_recall").value);
  EXPECT_GT(*of("stratified_roc_auc").value, .5);
}

TEST(StratifiedStatistics, OfAFairReviewAreTheRawOnes) {
  const Aggregate a = Scores(.2, 900, 810, 90) + Scores(.8, 100, 20, 80);
  const auto of = [&](std::string_view name) { return *FindStatistic(name)->compute(a).value; };
  EXPECT_NEAR(of("stratified_prevalence"), of("prevalence"), 1e-12);
  EXPECT_NEAR(of("stratified_calibration_gap"), of("calibration_gap"), 1e-12);
  EXPECT_NEAR(of("stratified_recall"), of("recall"), 1e-12);
  EXPECT_NEAR(of("stratified_roc_auc"), of("roc_auc"), 1e-12);
}

TEST(StratifiedStatistics, ManySmallStrataOfRarePositivesDoNotAddUpToMore) {
  // 200 bins of 100 scores and 5 labels each; a positive in 10 of the 1000 labels, all above .5.
  Aggregate a;
  for (int i = 0; i < 200; ++i) {
    const int positive = i >= 150 && i % 5 == 0 ? 1 : 0;
    a += Scores(.1 + .004 * i, 100, 5 - positive, positive);
  }
  const auto of = [&](std::string_view name) { return *FindStatistic(name)->compute(a).value; };
  EXPECT_NEAR(of("stratified_prevalence"), .01, 1e-12);
  EXPECT_NEAR(of("stratified_recall"), of("recall"), 1e-12);
  EXPECT_NEAR(of("stratified_precision"), of("precision"), 1e-12);
}

TEST(StratifiedStatistics, ByCohortUndoAReviewThatPrefersOne) {
  // Same scores, but one cohort is safe and mostly unseen, the other unsafe and all reviewed.
  const Aggregate safe = Scores(.2, 9000, 90, 0);
  const Aggregate unsafe = Scores(.2, 1000, 500, 500);
  const Aggregate whole = safe + unsafe;
  EXPECT_NEAR(*FindStatistic("stratified_prevalence")->compute(whole).value, 500. / 1090, 1e-12);
  EXPECT_NEAR(*StratifyByCohort(std::vector{&safe, &unsafe}).prevalence.value, .05, 1e-12);
}

TEST(StratifiedStatistics, ACohortWithoutLabelsIsTakenToBeLikeAnother) {
  const Aggregate seen = BiasedReview();
  const Aggregate unseen = Scores(.2, 1000);
  const StratifiedStatistics alone = StratifyByCohort(std::vector{&seen});
  for (const auto& cohorts : {std::vector{&seen, &unseen}, std::vector{&unseen, &seen}}) {
    const StratifiedStatistics both = StratifyByCohort(cohorts);
    // 1000 more that pass, a tenth of them positive.
    EXPECT_NEAR(*both.prevalence.value, (.17 * 10000 + 100) / 11000, 1e-12);
    EXPECT_NEAR(*both.recall.value, 800. / (800 + 900 + 100), 1e-12);
    EXPECT_NEAR(*both.precision.value, *alone.precision.value, 1e-12);
  }
}

TEST(StratifiedStatistics, CohortsWithFewLabelsShareTheirs) {
  const Aggregate large = Scores(.2, 9000, 450, 50);
  const Aggregate one = Scores(.2, 100, 3, 1);
  const Aggregate other = Scores(.2, 100, 1, 3);
  EXPECT_NEAR(*StratifyByCohort(std::vector{&one, &large, &other}).prevalence.value,
              (9000 * .1 + 200 * .5) / 9200, 1e-12);
}

TEST(StratifiedStatistics, OneStratumRanksNothing) {
  EXPECT_EQ(FindStatistic("stratified_roc_auc")->compute(Scores(.2, 100, 3, 3)).reason, "too_few");
}

TEST(StratifiedStatistics, NeedLabels) {
  const Aggregate a = Scores(.2, 100);
  for (const char* name : {"stratified_prevalence", "stratified_precision", "stratified_recall",
                           "stratified_f1", "stratified_roc_auc", "stratified_calibration_gap"}) {
    EXPECT_EQ(FindStatistic(name)->compute(a).reason, "no_data") << name;
  }
  EXPECT_EQ(StratifyByCohort({}).recall.reason, "no_data");
}

}  // namespace
}  // namespace guardwatch
