#include "ingest/contribution.h"

namespace guardwatch {
namespace {

bool InBand(const Outcome& outcome, double threshold) {
  const EventShape& shape = *outcome.shape;
  if (shape.threshold == threshold) return shape.band.Contains(*outcome.score);
  return ScoreBand::Around(threshold, shape.settings->band).Contains(*outcome.score);
}

void ChangeLabel(const Outcome& outcome, int sign, bool only_confusion, EventCell& cell) {
  using Decision = LabelChange::Decision;
  LabelChange change;
  change.score = outcome.score;
  change.weight = outcome.weight().value_or(0);
  change.sign = static_cast<std::int8_t>(sign);
  change.actual = outcome.actual;
  change.positive = *outcome.positive;
  change.only_confusion = only_confusion;
  if (outcome.flagged) {
    change.decision = *outcome.flagged ? Decision::kFlagged : Decision::kAllowed;
  }
  if (outcome.score && !only_confusion) {
    change.loss = static_cast<std::uint32_t>(LogLossQ24(*outcome.score, change.positive));
  }
  cell.labels.push_back(change);
}

}  // namespace

void ContributeArrival(const Outcome& outcome, bool sampled, std::optional<double> latency_ms,
                       EventCell& cell) {
  if (outcome.score) {
    const std::uint32_t q = outcome.score->q;
    cell.scored += 1;
    cell.score_q += q;
    cell.score_q_squared += Int128{q} * q;
    cell.saturated += q == 0 || q == kScoreOne ? 1 : 0;
    cell.score_bins.push_back(score_grid::BinOf(*outcome.score, score_grid::kFine));
  }
  cell.sampled += sampled ? 1 : 0;
  cell.errors += outcome.errored ? 1 : 0;
  if (latency_ms) cell.latency.Add(*latency_ms);
}

void ContributeDecision(const Outcome& outcome, int sign, EventCell& cell) {
  const auto threshold = outcome.errored || !outcome.score ? std::nullopt : outcome.threshold();
  if (threshold) {
    cell.with_threshold += sign;
    cell.in_band += InBand(outcome, *threshold) ? sign : 0;
  }
  if (outcome.flagged) {
    cell.decided += sign;
    cell.flagged += *outcome.flagged ? sign : 0;
  } else if (outcome.waits) {
    cell.undecided += sign;
  }
}

void ContributeLabel(const Outcome& outcome, int sign, EventCell& cell) {
  ChangeLabel(outcome, sign, false, cell);
}

void ContributeConfusion(const Outcome& outcome, int sign, EventCell& cell) {
  if (outcome.positive && outcome.flagged) ChangeLabel(outcome, sign, true, cell);
}

}  // namespace guardwatch
