#include "window/aggregate_record.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "window/aggregate_numbers.h"

namespace guardwatch {
namespace {

void WriteReliability(ByteWriter& out, const ReliabilityBins& bins) {
  out.Bool(!bins.empty());
  if (bins.empty()) return;
  for (int i = 0; i < kReliabilityBins; ++i) {
    const ReliabilityBin bin = bins[i];
    out.Signed(bin.labeled);
    out.Signed(bin.positive);
    out.Signed(bin.score_q);
  }
}

void WriteHistogram(ByteWriter& out, const ScoreHistogram& histogram) {
  out.Varint(histogram.cells().size());
  if (histogram.cells().empty()) return;
  out.Varint(static_cast<std::uint64_t>(histogram.m()));
  std::uint16_t before = 0;
  for (const HistogramCell& cell : histogram.cells()) {
    out.Varint(static_cast<std::uint64_t>(cell.bin - before));
    before = cell.bin;
    out.Signed(cell.scored);
    const bool labels = cell.negative != 0 || cell.positive != 0 || cell.negative_residual != 0 ||
                        cell.positive_residual != 0;
    out.Bool(labels);
    if (!labels) continue;
    out.Signed(cell.negative);
    out.Signed(cell.positive);
    out.Signed(cell.negative_residual);
    out.Signed(cell.positive_residual);
  }
}

void WriteWeighted(ByteWriter& out, const WeightedLabels& weighted) {
  out.Bool(!weighted.empty());
  if (weighted.empty()) return;
  const WeightedSums& sums = *weighted.sums();
  for (const auto kind : kWeightSums) {
    out.Signed((sums.*kind).labeled);
    out.Wide((sums.*kind).weight);
    out.Wide((sums.*kind).square);
  }
  out.Wide(sums.loss);
  out.Wide(sums.score_q_squared);
  out.Wide(sums.positive_score_q);
  for (const WeightedBin& bin : sums.bins) {
    out.Wide(bin.weight);
    out.Wide(bin.positive);
    out.Wide(bin.score_q);
  }
}

void WriteClasses(ByteWriter& out, const LabeledClasses& classes) {
  out.Varint(classes.names().size());
  if (classes.empty()) return;
  for (const std::string& name : classes.names()) out.Text(name);
  out.Varint(classes.cells().size());
  for (const LabeledClasses::Cell& cell : classes.cells()) {
    out.Varint(cell.actual);
    out.Varint(cell.predicted);
    out.Signed(cell.count);
  }
}

void WriteLatency(ByteWriter& out, const LatencyHistogram& latency) {
  out.Bool(!latency.empty());
  if (latency.empty()) return;
  for (int i = 0; i < LatencyHistogram::kBuckets; ++i) out.Signed(latency[i]);
  out.Signed(latency.sum_micros());
}

void ReadHistogram(ByteReader& in, ScoreHistogram& histogram) {
  std::size_t left = in.Count();
  if (left == 0) return;
  const std::uint64_t m = in.Varint();
  if (m != score_grid::kFine && m != score_grid::kCoarse) return in.Refuse();
  const std::uint16_t bins = score_grid::BinCount(static_cast<int>(m));
  std::vector<HistogramCell> cells;
  cells.reserve(std::min<std::size_t>(left, bins));
  std::uint64_t bin = 0;
  for (; left > 0 && !in.bad(); --left) {
    const std::uint64_t step = in.Varint();
    bin += step;
    if (bin >= bins || (step == 0 && !cells.empty())) return in.Refuse();
    HistogramCell& cell = cells.emplace_back();
    cell.bin = static_cast<std::uint16_t>(bin);
    cell.scored = in.Signed();
    if (cell.scored > ScoredCount::kMost || cell.scored < -ScoredCount::kMost) return in.Refuse();
    if (in.Bool()) {
      cell.negative = in.Signed();
      cell.positive = in.Signed();
      cell.negative_residual = in.Signed();
      cell.positive_residual = in.Signed();
    }
  }
  histogram = ScoreHistogram(cells, static_cast<int>(m));
}

void ReadWeighted(ByteReader& in, WeightedLabels& weighted) {
  if (!in.Bool()) return;
  WeightedSums sums;
  for (const auto kind : kWeightSums) {
    (sums.*kind).labeled = in.Signed();
    (sums.*kind).weight = in.Wide();
    (sums.*kind).square = in.Wide();
  }
  sums.loss = in.Wide();
  sums.score_q_squared = in.Wide();
  sums.positive_score_q = in.Wide();
  for (WeightedBin& bin : sums.bins) {
    bin.weight = in.Wide();
    bin.positive = in.Wide();
    bin.score_q = in.Wide();
  }
  weighted.Set(sums);
}

template <class Projection = std::identity>
bool Ascends(const auto& range, Projection projection = {}) {
  return std::ranges::adjacent_find(range, std::greater_equal<>(), projection) == range.end();
}

// Takes the form that is written and no other: each name once and each cell once, in order.
void ReadClasses(ByteReader& in, LabeledClasses& classes) {
  std::vector<std::string_view> names(in.Count());
  if (names.empty()) return;
  for (std::string_view& name : names) name = in.Text();
  if (!Ascends(names)) return in.Refuse();
  std::vector<LabeledClasses::Pair> pairs(in.Count());
  for (LabeledClasses::Pair& pair : pairs) {
    const std::uint64_t actual = in.Varint();
    const std::uint64_t predicted = in.Varint();
    if (actual >= names.size() || predicted >= names.size()) return in.Refuse();
    pair = {names[actual], names[predicted], in.Signed()};
  }
  const auto place = [](const LabeledClasses::Pair& pair) {
    return std::pair(pair.actual, pair.predicted);
  };
  if (!Ascends(pairs, place)) return in.Refuse();
  classes = LabeledClasses(pairs);
}

}  // namespace

void WriteAggregate(ByteWriter& out, const Aggregate& aggregate) {
  for (const auto count : kAggregateCounts) out.Signed(aggregate.*count);
  for (const auto sum : kAggregateSums) out.Wide(aggregate.*sum);
  WriteReliability(out, aggregate.reliability);
  WriteHistogram(out, aggregate.histogram);
  WriteWeighted(out, aggregate.weighted);
  WriteClasses(out, aggregate.classes);
  WriteLatency(out, aggregate.latency);
}

Aggregate ReadAggregate(ByteReader& in) {
  Aggregate aggregate;
  for (const auto count : kAggregateCounts) aggregate.*count = in.Signed();
  for (const auto sum : kAggregateSums) aggregate.*sum = in.Wide();
  if (in.Bool()) {
    for (int i = 0; i < kReliabilityBins; ++i) {
      ReliabilityBin bin;
      bin.labeled = in.Signed();
      bin.positive = in.Signed();
      bin.score_q = in.Signed();
      aggregate.reliability.Set(i, bin);
    }
  }
  ReadHistogram(in, aggregate.histogram);
  ReadWeighted(in, aggregate.weighted);
  ReadClasses(in, aggregate.classes);
  if (in.Bool()) {
    for (int i = 0; i < LatencyHistogram::kBuckets; ++i) aggregate.latency.Set(i, in.Signed());
    aggregate.latency.SetSum(in.Signed());
  }
  return aggregate;
}

}  // namespace guardwatch
