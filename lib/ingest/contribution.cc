#include "ingest/contribution.h"

#include "window/pane.h"

namespace guardwatch {
namespace {

Accumulator::Cell& CellOf(const Outcome& outcome, Accumulator& out) {
  return out.At(*outcome.shape, PaneOf(outcome.time));
}

bool InBand(const Outcome& outcome, double threshold) {
  const EventShape& shape = *outcome.shape;
  if (shape.threshold == threshold) return shape.band.Contains(*outcome.score);
  return ScoreBand::Around(threshold, shape.settings->band).Contains(*outcome.score);
}

}  // namespace

void ContributeArrival(const Outcome& outcome, bool sampled, std::optional<double> latency_ms,
                       Accumulator& out) {
  Accumulator::Cell& cell = CellOf(outcome, out);
  Aggregate& a = cell.change;
  if (outcome.score) {
    const std::uint64_t q = outcome.score->q;
    a.scored += 1;
    a.score_q += static_cast<Int128>(q);
    a.score_q_squared += static_cast<Int128>(q * q);
    a.saturated += q == 0 || q == kScoreOne ? 1 : 0;
    cell.score_bins.push_back(score_grid::BinOf(*outcome.score, score_grid::kFine));
    cell.arrived += 1;
  }
  a.sampled += sampled ? 1 : 0;
  a.errors += outcome.errored ? 1 : 0;
  if (latency_ms) a.latency.Add(*latency_ms);
}

void ContributeDecision(const Outcome& outcome, int sign, Accumulator& out) {
  Aggregate& a = CellOf(outcome, out).change;
  const auto threshold = outcome.errored || !outcome.score ? std::nullopt : outcome.threshold();
  if (threshold) {
    a.with_threshold += sign;
    a.in_band += InBand(outcome, *threshold) ? sign : 0;
  }
  if (outcome.flagged) {
    a.decided += sign;
    a.flagged += *outcome.flagged ? sign : 0;
  } else if (outcome.waits) {
    a.undecided += sign;
  }
}

void ContributeLabel(const Outcome& outcome, int sign, Accumulator& out) {
  if (!outcome.positive) return;
  const bool positive = *outcome.positive;
  Aggregate& a = CellOf(outcome, out).change;
  a.labeled += sign;
  a.positive += positive ? sign : 0;
  if (outcome.score) {
    const Int128 q = outcome.score->q;
    a.loss += sign * static_cast<Int128>(LogLossQ24(*outcome.score, positive));
    a.labeled_score_q_squared += sign * q * q;
    a.positive_score_q += positive ? sign * q : 0;
    a.reliability.Add(*outcome.score, positive, sign);
    a.histogram.AddLabel(*outcome.score, score_grid::kFine, positive, sign);
  }
  if (const auto weight = outcome.weight()) {
    a.weighted.AddLabel(*weight, positive, sign);
    if (outcome.score) a.weighted.AddScore(*weight, *outcome.score, positive, sign);
  }
  ContributeConfusion(outcome, sign, out);
}

void ContributeConfusion(const Outcome& outcome, int sign, Accumulator& out) {
  if (!outcome.positive || !outcome.flagged) return;
  Aggregate& a = CellOf(outcome, out).change;
  if (*outcome.flagged) {
    (*outcome.positive ? a.true_positive : a.false_positive) += sign;
  } else {
    (*outcome.positive ? a.false_negative : a.true_negative) += sign;
  }
  if (const auto weight = outcome.weight()) {
    a.weighted.AddDecision(*weight, *outcome.flagged, *outcome.positive, sign);
  }
}

void CountVerdict(const Outcome& outcome, Verdict verdict, Accumulator& out) {
  ++CellOf(outcome, out).verdicts[static_cast<std::size_t>(verdict)];
}

}  // namespace guardwatch
