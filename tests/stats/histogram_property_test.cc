#include <algorithm>
#include <cstdint>
#include <ostream>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "stats/average_precision.h"
#include "stats/calibration.h"
#include "stats/ranking.h"
#include "stats/score_histogram.h"

namespace guardwatch {
namespace {

using score_grid::kCoarse;
using score_grid::kFine;

struct LabeledScore {
  std::uint32_t q;
  bool positive;
};

std::ostream& operator<<(std::ostream& out, const LabeledScore& s) {
  return out << s.q << (s.positive ? "+" : "-");
}

// Scores that gather where bins are narrow, where they are wide, and at a few ties.
rc::Gen<std::uint32_t> AnyQ() {
  const auto any = rc::gen::inRange<std::uint32_t>(0, kScoreOne + 1);
  const auto tail = rc::gen::inRange<std::uint32_t>(0, 1u << 12);
  return rc::gen::oneOf(any, tail,
                        rc::gen::map(tail, [](std::uint32_t v) { return kScoreOne - v; }),
                        rc::gen::element<std::uint32_t>(0, kScoreOne / 2, kScoreOne, 300'000'000));
}

std::vector<LabeledScore> AnyScores() {
  return *rc::gen::container<std::vector<LabeledScore>>(
      rc::gen::construct<LabeledScore>(AnyQ(), rc::gen::arbitrary<bool>()));
}

ScoreHistogram Of(const std::vector<LabeledScore>& scores, int m) {
  ScoreHistogram histogram;
  for (const LabeledScore& s : scores) {
    histogram.AddScore(score_grid::BinOf(Score{s.q}, m));
    histogram.AddLabel(Score{s.q}, m, s.positive);
  }
  return histogram;
}

std::int64_t Positives(const std::vector<LabeledScore>& scores) {
  return std::count_if(scores.begin(), scores.end(), [](const auto& s) { return s.positive; });
}

bool HasBothClasses(const std::vector<LabeledScore>& scores) {
  const auto positives = static_cast<std::size_t>(Positives(scores));
  return positives > 0 && positives < scores.size();
}

RC_GTEST_PROP(ScoreHistogramProperty, MergingIsCommutativeAndAssociative, ()) {
  const ScoreHistogram a = Of(AnyScores(), kFine);
  const ScoreHistogram b = Of(AnyScores(), kFine);
  const ScoreHistogram c = Of(AnyScores(), kFine);
  ScoreHistogram ab = a;
  ab += b;
  ScoreHistogram ba = b;
  ba += a;
  RC_ASSERT(ab == ba);
  ScoreHistogram left = ab;
  left += c;
  ScoreHistogram bc = b;
  bc += c;
  ScoreHistogram right = a;
  right += bc;
  RC_ASSERT(left == right);
}

RC_GTEST_PROP(ScoreHistogramProperty, MergingIsAddingEachScore, ()) {
  const std::vector<LabeledScore> one = AnyScores();
  const std::vector<LabeledScore> two = AnyScores();
  ScoreHistogram merged = Of(one, kCoarse);
  merged += Of(two, kCoarse);
  std::vector<LabeledScore> all = two;
  all.insert(all.end(), one.begin(), one.end());
  RC_ASSERT(merged == Of(all, kCoarse));
}

RC_GTEST_PROP(ScoreHistogramProperty, EvictionUndoesMerging, ()) {
  const ScoreHistogram a = Of(AnyScores(), kFine);
  const ScoreHistogram b = Of(AnyScores(), kFine);
  ScoreHistogram window = a;
  window += b;
  window -= b;
  RC_ASSERT(window == a);
  window -= a;
  RC_ASSERT(window.empty());
}

RC_GTEST_PROP(ScoreHistogramProperty, CopiesKeepWhatTheyHeld, ()) {
  const std::vector<LabeledScore> scores = AnyScores();
  ScoreHistogram original = Of(scores, kFine);
  const ScoreHistogram copy = original;
  original -= copy;
  RC_ASSERT(original.empty());
  RC_ASSERT(copy == Of(scores, kFine));
  original += copy;
  original += original;
  RC_ASSERT(copy == Of(scores, kFine));
  original -= original;
  RC_ASSERT(original.empty());
}

RC_GTEST_PROP(ScoreHistogramProperty, CellsAreTheSameFromEitherEnd, ()) {
  // Labels, and so cells with nothing but labels, are in other bins than scores.
  ScoreHistogram histogram = Of(AnyScores(), kCoarse);
  for (const LabeledScore& s : AnyScores()) histogram.AddLabel(Score{s.q}, kCoarse, s.positive);
  for (const LabeledScore& s : AnyScores()) histogram.AddScore(score_grid::BinOf({s.q}, kCoarse));
  const HistogramCells cells = histogram.cells();
  const std::vector<HistogramCell> forth(cells.begin(), cells.end());
  std::vector<HistogramCell> back(cells.rbegin(), cells.rend());
  std::reverse(back.begin(), back.end());
  RC_ASSERT(forth == back);
  RC_ASSERT(forth.size() == cells.size());
  RC_ASSERT(std::is_sorted(forth.begin(), forth.end(),
                           [](const auto& a, const auto& b) { return a.bin < b.bin; }));
  RC_ASSERT(ScoreHistogram(forth, kCoarse) == histogram);
}

RC_GTEST_PROP(ScoreHistogramProperty, TheFineGridCoarsensExactly, ()) {
  const std::vector<LabeledScore> scores = AnyScores();
  RC_ASSERT(Of(scores, kFine).Coarsened(kFine) == Of(scores, kCoarse));
}

RC_GTEST_PROP(ScoreHistogramProperty, SumsOfLabelledScoresAreExactByClass, ()) {
  const std::vector<LabeledScore> scores = AnyScores();
  std::int64_t sums[2] = {0, 0};
  for (const LabeledScore& s : scores) sums[s.positive ? 1 : 0] += s.q;
  for (const int m : {kCoarse, kFine}) {
    std::int64_t negative = 0;
    std::int64_t positive = 0;
    const ScoreHistogram histogram = Of(scores, m);
    for (const HistogramCell& cell : histogram.cells()) {
      negative += cell.NegativeScoreQ(m);
      positive += cell.PositiveScoreQ(m);
    }
    RC_ASSERT(negative == sums[0]);
    RC_ASSERT(positive == sums[1]);
  }
}

// From all pairs, ties counted half.
double ExactArea(const std::vector<LabeledScore>& scores) {
  double twice = 0;
  double pairs = 0;
  for (const LabeledScore& p : scores) {
    for (const LabeledScore& n : scores) {
      if (!p.positive || n.positive) continue;
      pairs += 1;
      twice += p.q > n.q ? 2 : (p.q == n.q ? 1 : 0);
    }
  }
  return twice / 2 / pairs;
}

// Mean over positives of the precision when flagging from their score up: ties are flagged
// together.
double ExactAveragePrecision(const std::vector<LabeledScore>& scores) {
  double sum = 0;
  double positives = 0;
  for (const LabeledScore& at : scores) {
    if (!at.positive) continue;
    positives += 1;
    double flagged = 0;
    double right = 0;
    for (const LabeledScore& s : scores) {
      flagged += s.q >= at.q ? 1 : 0;
      right += s.q >= at.q && s.positive ? 1 : 0;
    }
    sum += right / flagged;
  }
  return sum / positives;
}

RC_GTEST_PROP(RankingProperty, TheBracketHoldsTheExactArea, ()) {
  const std::vector<LabeledScore> scores = AnyScores();
  RC_PRE(HasBothClasses(scores));
  const double exact = ExactArea(scores);
  for (const int m : {kCoarse, kFine}) {
    const auto auc = RocAuc(Of(scores, m));
    RC_ASSERT(auc.has_value());
    RC_ASSERT(auc->bracket_low <= exact + 1e-12);
    RC_ASSERT(auc->bracket_high >= exact - 1e-12);
    RC_ASSERT(auc->value >= auc->bracket_low && auc->value <= auc->bracket_high);
  }
}

RC_GTEST_PROP(RankingProperty, TheBoundsHoldTheExactAveragePrecision, ()) {
  const std::vector<LabeledScore> scores = AnyScores();
  RC_PRE(HasBothClasses(scores));
  const double exact = ExactAveragePrecision(scores);
  for (const int m : {kCoarse, kFine}) {
    const auto precision = AveragePrecisionOf(Of(scores, m));
    RC_ASSERT(precision.has_value());
    RC_ASSERT(precision->bound_low <= exact + 1e-12);
    RC_ASSERT(precision->bound_high >= exact - 1e-12);
    RC_ASSERT(precision->grouped >= precision->bound_low - 1e-12);
    RC_ASSERT(precision->grouped <= precision->bound_high + 1e-12);
  }
}

RC_GTEST_PROP(CalibrationProperty, TheDecomposedBrierScoreMissesOnlyTheSpreadInsideGridBins, ()) {
  const std::vector<LabeledScore> scores = AnyScores();
  RC_PRE(!scores.empty());
  double brier = 0;
  for (const LabeledScore& s : scores) {
    const double miss = (s.positive ? 1.0 : 0.0) - Score{s.q}.probability();
    brier += miss * miss / double(scores.size());
  }
  for (const int m : {kCoarse, kFine}) {
    const ScoreHistogram histogram = Of(scores, m);
    const double width = 1.0 / (2 << m);  // Of the widest bins, next to 1/2.
    const auto frozen = FrozenBins::EqualMass(histogram, m, 4);
    RC_ASSERT(frozen.has_value());
    const double decomposed = DecomposeBrier(LabeledBinsOf(histogram, *frozen))->brier();
    RC_ASSERT(decomposed <= brier + 1e-12);
    RC_ASSERT(decomposed >= brier - width * width / 4 - 1e-12);
  }
}

RC_GTEST_PROP(CalibrationProperty, FrozenBinsPartTheGridAndKeepEveryLabel, ()) {
  const std::vector<LabeledScore> scores = AnyScores();
  RC_PRE(!scores.empty());
  const auto frozen = FrozenBins::EqualMass(Of(scores, kCoarse), kCoarse, 7);
  RC_ASSERT(frozen.has_value());
  RC_ASSERT(frozen->last.size() <= 7u);
  RC_ASSERT(frozen->last.back() + 1 == score_grid::BinCount(kCoarse));
  RC_ASSERT(std::adjacent_find(frozen->last.begin(), frozen->last.end(),
                               [](auto a, auto b) { return a >= b; }) == frozen->last.end());
  const std::vector<LabeledScore> window = AnyScores();
  std::int64_t labeled = 0;
  std::int64_t positive = 0;
  for (const LabeledBin& bin : LabeledBinsOf(Of(window, kCoarse), *frozen)) {
    labeled += bin.labeled;
    positive += bin.positive;
  }
  RC_ASSERT(labeled == static_cast<std::int64_t>(window.size()));
  RC_ASSERT(positive == Positives(window));
}

}  // namespace
}  // namespace guardwatch
