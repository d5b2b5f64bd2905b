#include "window/aggregate.h"

#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "window/aggregate_record.h"
#include "window/statistics.h"

namespace guardwatch {
namespace {

constexpr unsigned kSeed = 20261;
constexpr std::array<std::string_view, 5> kClasses{"safe", "hate", "self-harm", "violence", ""};

struct Sample {
  Score score;
  bool positive = false;
};

void Add(Aggregate& a, const Sample& s) {
  const Int128 q = s.score.q;
  a.scored += 1;
  a.sampled += 1;
  a.score_q += q;
  a.score_q_squared += q * q;
  a.labeled += 1;
  a.positive += s.positive ? 1 : 0;
  a.loss += LogLossQ24(s.score, s.positive);
  a.labeled_score_q_squared += q * q;
  a.positive_score_q += s.positive ? q : 0;
  a.reliability.Add(s.score, s.positive);
  a.histogram.AddScore(score_grid::BinOf(s.score, score_grid::kFine));
  a.histogram.AddLabel(s.score, score_grid::kFine, s.positive);
  if (s.score.q % 3 == 0) {  // Its label says how likely it was to be reviewed.
    const std::uint32_t weight = (1u << 24) + s.score.q % 1000 * 10'000;
    a.weighted.AddLabel(weight, s.positive, 1);
    a.weighted.AddScore(weight, s.score, s.positive, 1);
    a.weighted.AddDecision(weight, s.score.q % 2 == 0, s.positive, 1);
  }
  const std::array<LabeledClasses::Pair, 1> pair{
      {{kClasses[s.score.q % 5], kClasses[s.score.q / 7 % 3], 1}}};
  a.classes += LabeledClasses(pair);
  a.latency.Add(s.score.probability() * 100);
}

std::vector<Sample> Draw(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<std::uint32_t> q(0, kScoreOne);
  std::vector<Sample> samples;
  for (std::size_t i = 0; i < count; ++i) samples.push_back({Score{q(random)}, random() % 3 == 0});
  return samples;
}

Aggregate Sum(const std::vector<Sample>& samples) {
  Aggregate a;
  for (const Sample& s : samples) Add(a, s);
  return a;
}

TEST(AggregateTest, AdditionIsOrderIndependentAndSubtractionUndoesIt) {
  SCOPED_TRACE(kSeed);
  const Aggregate a = Sum(Draw(300, kSeed));
  const Aggregate b = Sum(Draw(200, kSeed + 1));
  const Aggregate c = Sum(Draw(100, kSeed + 2));
  Aggregate ab = a;
  ab += b;
  Aggregate ba = b;
  ba += a;
  EXPECT_EQ(ab, ba);
  Aggregate left = ab;
  left += c;
  Aggregate bc = b;
  bc += c;
  Aggregate right = a;
  right += bc;
  EXPECT_EQ(left, right);
  ab -= b;
  EXPECT_EQ(ab, a);
  ab -= a;
  EXPECT_TRUE(ab.empty());
}

TEST(AggregateTest, AnyPartitioningGivesTheSameIntegers) {
  SCOPED_TRACE(kSeed);
  const std::vector<Sample> samples = Draw(2'000, kSeed);
  const Aggregate whole = Sum(samples);
  std::mt19937 random(kSeed);
  for (std::size_t parts = 2; parts <= 7; ++parts) {
    std::vector<Aggregate> part(parts);
    for (const Sample& s : samples) Add(part[random() % parts], s);
    Aggregate merged;
    for (const Aggregate& each : part) merged += each;
    EXPECT_EQ(merged, whole) << parts << " parts";
  }
}

TEST(AggregateTest, ARecordGivesBackEveryNumber) {
  Aggregate a = Sum(Draw(500, kSeed));
  a.histogram = a.histogram.Coarsened(score_grid::kFine);
  for (const Aggregate& written : {a, Sum(Draw(50, kSeed)), Aggregate{}}) {
    ByteWriter out;
    WriteAggregate(out, written);
    const std::string record = out.Take();
    ByteReader in(record);
    const Aggregate read = ReadAggregate(in);
    EXPECT_FALSE(in.bad());
    EXPECT_EQ(read, written);
    EXPECT_EQ(read.histogram.m(), written.histogram.m());
  }
}

TEST(LabeledClassesTest, WhatCountersOfDifferentClassesSawIsAddedByName) {
  const std::array<LabeledClasses::Pair, 3> first{
      {{"spam", "ok", 2}, {"ok", "ok", 5}, {"spam", "ok", 1}}};
  const std::array<LabeledClasses::Pair, 2> second{{{"fraud", "spam", 4}, {"ok", "ok", -5}}};
  LabeledClasses sum(first);
  sum += LabeledClasses(second);
  EXPECT_EQ(std::vector<std::string>(sum.names().begin(), sum.names().end()),
            (std::vector<std::string>{"fraud", "ok", "spam"}));
  EXPECT_EQ(std::vector<LabeledClasses::Cell>(sum.cells().begin(), sum.cells().end()),
            (std::vector<LabeledClasses::Cell>{{0, 2, 4}, {2, 1, 3}}));
  sum -= LabeledClasses(second);
  EXPECT_EQ(sum, LabeledClasses(first));
  sum -= LabeledClasses(first);
  EXPECT_TRUE(sum.names().empty());
}

// An empty aggregate's record with these classes and cells in it.
std::string RecordOf(const std::vector<std::string_view>& names,
                     const std::vector<LabeledClasses::Cell>& cells) {
  ByteWriter out;
  WriteAggregate(out, Aggregate{});
  std::string record = out.Take();
  record.resize(record.size() - 2);  // Without its own classes and latency.
  ByteWriter classes;
  classes.Varint(names.size());
  for (const std::string_view name : names) classes.Text(name);
  classes.Varint(cells.size());
  for (const LabeledClasses::Cell& cell : cells) {
    classes.Varint(cell.actual);
    classes.Varint(cell.predicted);
    classes.Signed(cell.count);
  }
  classes.Bool(false);
  return record + std::string(classes.bytes());
}

bool Refused(const std::string& record) {
  ByteReader in(record);
  ReadAggregate(in);
  return in.bad();
}

TEST(AggregateTest, ARecordWhoseClassesStandInAnotherFormIsRefused) {
  const std::string record = RecordOf({"a", "b"}, {{0, 1, 2}, {1, 0, 3}});
  ByteReader good(record);
  const Aggregate read = ReadAggregate(good);
  EXPECT_TRUE(good.done());
  ASSERT_EQ(read.classes.cells().size(), 2u);
  EXPECT_EQ(read.classes.names()[read.classes.cells()[1].actual], "b");
  EXPECT_EQ(read.classes.cells()[1].count, 3);

  EXPECT_TRUE(Refused(RecordOf({"a", "b"}, {{2, 0, 3}}))) << "a class that is not listed";
  EXPECT_TRUE(Refused(RecordOf({"b", "a"}, {{1, 0, 3}}))) << "names out of order";
  EXPECT_TRUE(Refused(RecordOf({"a", "a"}, {{1, 0, 3}}))) << "a name twice";
  EXPECT_TRUE(Refused(RecordOf({"a", "b"}, {{1, 0, 3}, {0, 1, 2}}))) << "cells out of order";
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  EXPECT_TRUE(Refused(RecordOf({"a", "b"}, {{1, 0, most}, {1, 0, most}}))) << "a cell twice";
}

TEST(AggregateTest, ASliceKeepsItsGridThroughAdditionAndSubtraction) {
  Aggregate slice = Sum(Draw(50, kSeed));
  slice.histogram = slice.histogram.Coarsened(score_grid::kFine);
  Aggregate window;
  window += slice;
  EXPECT_EQ(window.histogram.m(), score_grid::kCoarse);
  window -= slice;
  EXPECT_TRUE(window.empty());
  window += Sum(Draw(50, kSeed));
  EXPECT_EQ(window.histogram.m(), score_grid::kFine);
}

TEST(AggregateTest, ClearMakesItEmpty) {
  Aggregate a = Sum(Draw(10, kSeed));
  EXPECT_FALSE(a.empty());
  a.Clear();
  EXPECT_TRUE(a.empty());
  EXPECT_EQ(a, Aggregate{});
}

TEST(StatisticsTest, LogLossAndBrierEqualTheDirectComputation) {
  const std::vector<Sample> samples = Draw(1'000, kSeed);
  double loss = 0;
  double brier = 0;
  for (const Sample& s : samples) {
    const double p = s.score.probability();
    loss -= std::log(s.positive ? p : 1 - p);
    brier += (p - s.positive) * (p - s.positive);
  }
  const Aggregate a = Sum(samples);
  EXPECT_NEAR(*FindStatistic("log_loss")->compute(a).value, loss / 1'000, 1e-7);
  EXPECT_NEAR(*FindStatistic("brier")->compute(a).value, brier / 1'000, 1e-12);
}

TEST(StatisticsTest, NothingCanBeComputedFromNothing) {
  for (const Statistic& statistic : Statistics()) {
    const StatisticValue value = statistic.compute(Aggregate{});
    EXPECT_FALSE(value.value) << statistic.name;
    EXPECT_EQ(value.reason, "no_data") << statistic.name;
    EXPECT_EQ(value.n, 0) << statistic.name;
  }
}

TEST(StatisticsTest, RatesRestOnTheirOwnDenominator) {
  Aggregate a;
  a.scored = 1'000;
  a.decided = 900;
  a.flagged = 90;
  a.errors = 100;
  a.with_threshold = 500;
  a.in_band = 20;
  a.sampled = 1'000;
  a.labeled = 50;
  a.true_positive = 8;
  a.false_positive = 2;
  a.false_negative = 4;
  a.true_negative = 36;
  const auto expect = [&](const char* name, double value, std::int64_t n) {
    const StatisticValue got = FindStatistic(name)->compute(a);
    ASSERT_TRUE(got.value) << name;
    EXPECT_DOUBLE_EQ(*got.value, value) << name;
    EXPECT_EQ(got.n, n) << name;
  };
  expect("fail_rate", 0.1, 900);
  expect("error_rate", 0.1, 1'000);
  expect("band_share", 0.04, 500);
  expect("coverage", 0.05, 1'000);
  expect("precision", 0.8, 10);
  expect("recall", 8.0 / 12.0, 12);
  expect("false_positive_rate", 2.0 / 38.0, 38);
  expect("f1", 16.0 / 22.0, 14);
}

}  // namespace
}  // namespace guardwatch
