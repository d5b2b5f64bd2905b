#include "stats/label_free.h"

#include <algorithm>
#include <cmath>

#include "stats/corp.h"

namespace guardwatch {
namespace {

double JeffreysRate(const IsotonicBlock& block) {
  return (double(block.positive) + 0.5) / (double(block.labeled) + 1.0);
}

// Rates of the blocks, in (0, 1) and not falling.
std::vector<double> RatesOf(const std::vector<IsotonicBlock>& blocks) {
  std::vector<double> rates;
  for (const IsotonicBlock& block : blocks) {
    const bool certain = block.positive == 0 || block.positive == block.labeled;
    rates.push_back(certain ? JeffreysRate(block) : block.rate());
  }
  // Little is known of a short block at an end: it is not beyond its neighbour for that.
  if (rates.size() > 1) {
    rates.front() = std::min(rates.front(), rates[1]);
    rates.back() = std::max(rates.back(), rates[rates.size() - 2]);
  }
  return rates;
}

double MiddleOf(score_grid::Range range) {
  return (double(range.low) + double(range.high)) / 2 / double{kScoreOne};
}

// Of a rate that was estimated at 0 or 1 something is left open.
double SpreadOf(const CalibratedBin& bin) {
  const bool inside = bin.rate > 0 && bin.rate < 1;
  const double reference = double(bin.reference);
  const double rate =
      inside || bin.reference == 0 ? bin.rate : (bin.rate * reference + 0.5) / (reference + 1);
  return rate * (1 - rate);
}

// Variance of a value that changes by `per_flagged` with each positive among the flagged scores of
// a bin and by `per_passed` with each among the others.
double VarianceFrom(std::span<const CalibratedBin> bins, double per_flagged, double per_passed) {
  double variance = 0;
  for (const CalibratedBin& bin : bins) {
    const double spread = SpreadOf(bin);
    const double flagged = double(bin.flagged);
    const double passed = double(bin.passed);
    variance += (flagged * per_flagged * per_flagged + passed * per_passed * per_passed) * spread;
    if (bin.reference > 0) {
      const double slope = flagged * per_flagged + passed * per_passed;
      variance += slope * slope * spread / double(bin.reference);
    }
  }
  return variance;
}

void AddRatios(std::span<const CalibratedBin> bins, ExpectedPerformance& result) {
  const double tp = result.true_positive.value;
  const double fn = result.false_negative.value;
  const double flagged = tp + result.false_positive;
  const double positives = tp + fn;
  const auto sd = [bins](double a, double b) { return std::sqrt(VarianceFrom(bins, a, b)); };
  if (flagged > 0) result.precision = ExpectedValue{tp / flagged, sd(1 / flagged, 0)};
  if (!(positives > 0)) return;
  const double square = positives * positives;
  result.recall = ExpectedValue{tp / positives, sd(fn / square, -tp / square)};
  const double total = flagged + positives;
  result.f1 = ExpectedValue{2 * tp / total,
                            sd(2 * (total - tp) / (total * total), -2 * tp / (total * total))};
}

void AddArea(std::span<const CalibratedBin> bins, ExpectedPerformance& result) {
  double p = 0;
  double n = 0;
  for (const CalibratedBin& bin : bins) {
    p += double(bin.n()) * bin.rate;
    n += double(bin.n()) * (1 - bin.rate);
  }
  if (!(p > 0 && n > 0)) return;

  double ordered = 0;
  double below = 0;
  for (const CalibratedBin& bin : bins) {
    const double negatives = double(bin.n()) * (1 - bin.rate);
    ordered += double(bin.n()) * bin.rate * (below + negatives / 2);
    below += negatives;
  }
  const double area = ordered / (p * n);
  result.roc_auc = area;
  if (!(p > 1 && n > 1)) return;

  // DeLong's variance, and that of the rates.
  double placed_positive = 0;
  double placed_negative = 0;
  double from_rates = 0;
  below = 0;
  double above = p;
  for (const CalibratedBin& bin : bins) {
    const double positives = double(bin.n()) * bin.rate;
    const double negatives = double(bin.n()) * (1 - bin.rate);
    above -= positives;
    const double v10 = (below + negatives / 2) / n - area;
    const double v01 = (above + positives / 2) / p - area;
    below += negatives;
    placed_positive += positives * v10 * v10;
    placed_negative += negatives * v01 * v01;
    if (bin.reference > 0) {
      const double slope = double(bin.n()) * (v10 / p - v01 / n);
      from_rates += slope * slope * SpreadOf(bin) / double(bin.reference);
    }
  }
  result.roc_auc_sd =
      std::sqrt(placed_positive / (p - 1) / p + placed_negative / (n - 1) / n + from_rates);
}

// How many of each cell's live scores were flagged, if those are the highest ones.
std::vector<std::int64_t> FlaggedFromTheTop(const ScoreHistogram& live, std::int64_t flagged) {
  std::vector<std::int64_t> counts(live.cells().size());
  auto cell = live.cells().end();
  for (std::size_t i = counts.size(); i-- > 0;) {
    counts[i] = std::clamp(flagged, std::int64_t{0}, (--cell)->scored);
    flagged -= counts[i];
  }
  return counts;
}

}  // namespace

std::vector<CalibratedBin> CalibratedBinsOf(const ScoreHistogram& reference,
                                            const ScoreHistogram& live, int m,
                                            std::int64_t flagged_scores) {
  const std::vector<std::int64_t> flagged = FlaggedFromTheTop(live, flagged_scores);
  const std::vector<IsotonicBlock> blocks = IsotonicFit(reference, m);
  const std::vector<double> rates = RatesOf(blocks);
  std::vector<CalibratedBin> bins;
  for (std::size_t i = 0; i < blocks.size(); ++i) bins.push_back({rates[i], blocks[i].labeled});
  if (bins.empty()) return bins;
  std::size_t block = 0;
  std::size_t at = 0;
  for (const HistogramCell& cell : live.cells()) {
    const score_grid::Range range = score_grid::RangeOf(cell.bin, m);
    // Between two blocks the nearer one counts.
    while (block + 1 < blocks.size() &&
           MiddleOf(range) > (blocks[block].score_last + blocks[block + 1].score_first) / 2) {
      ++block;
    }
    bins[block].flagged += flagged[at];
    bins[block].passed += cell.scored - flagged[at];
    ++at;
  }
  return bins;
}

std::optional<ExpectedPerformance> ExpectPerformance(std::span<const CalibratedBin> bins) {
  ExpectedPerformance result;
  for (const CalibratedBin& bin : bins) {
    result.n += bin.n();
    result.true_positive.value += double(bin.flagged) * bin.rate;
    result.false_positive += double(bin.flagged) * (1 - bin.rate);
    result.false_negative.value += double(bin.passed) * bin.rate;
    result.true_negative += double(bin.passed) * (1 - bin.rate);
  }
  if (result.n <= 0) return std::nullopt;
  result.positive.value = result.true_positive.value + result.false_negative.value;
  result.positive.sd = std::sqrt(VarianceFrom(bins, 1, 1));
  result.true_positive.sd = std::sqrt(VarianceFrom(bins, 1, 0));
  result.false_negative.sd = std::sqrt(VarianceFrom(bins, 0, 1));
  AddRatios(bins, result);
  AddArea(bins, result);
  return result;
}

}  // namespace guardwatch
