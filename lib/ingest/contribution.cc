#include "ingest/contribution.h"

#include "window/pane.h"

namespace guardwatch {
namespace {

// Calls `add(aggregate, m)` for the whole and for every slice; m is the resolution of its score
// grid.
template <class Add>
void ForEachSeries(const ScoreEntry& entry, Accumulator& out, Add&& add) {
  const PaneIndex pane = PaneOf(entry.time);
  add(out.At(entry.series.whole, pane), score_grid::kFine);
  for (std::size_t i = 0; i < entry.series.slice_count; ++i) {
    add(out.At(entry.series.slices[i], pane), score_grid::kCoarse);
  }
}

}  // namespace

void ContributeArrival(const ScoreEntry& entry, bool sampled, std::optional<double> latency_ms,
                       Accumulator& out) {
  ForEachSeries(entry, out, [&](Aggregate& a, int m) {
    if (entry.score) {
      const Int128 q = entry.score->q;
      a.scored += 1;
      a.score_q += q;
      a.score_q_squared += q * q;
      a.saturated += q == 0 || q == kScoreOne ? 1 : 0;
      a.histogram.AddScore(score_grid::BinOf(*entry.score, m));
    }
    a.sampled += sampled ? 1 : 0;
    a.errors += entry.errored ? 1 : 0;
    if (latency_ms) a.latency.Add(*latency_ms);
  });
}

void ContributeDecision(const ScoreEntry& entry, double band, int sign, Accumulator& out) {
  const auto threshold = entry.errored || !entry.score ? std::nullopt : entry.threshold();
  const bool in_band = threshold && ScoreBand::Around(*threshold, band).Contains(*entry.score);
  const bool undecided = entry.waits && !entry.flagged;
  ForEachSeries(entry, out, [&](Aggregate& a, int) {
    a.with_threshold += threshold ? sign : 0;
    a.in_band += in_band ? sign : 0;
    a.decided += entry.flagged ? sign : 0;
    a.flagged += entry.flagged.value_or(false) ? sign : 0;
    a.undecided += undecided ? sign : 0;
  });
}

void ContributeLabel(const ScoreEntry& entry, int sign, Accumulator& out) {
  if (!entry.positive) return;
  const bool positive = *entry.positive;
  const Int128 loss = entry.score ? LogLossQ24(*entry.score, positive) : 0;
  ForEachSeries(entry, out, [&](Aggregate& a, int m) {
    a.labeled += sign;
    a.positive += positive ? sign : 0;
    if (!entry.score) return;
    const Int128 q = entry.score->q;
    a.loss += sign * loss;
    a.labeled_score_q_squared += sign * q * q;
    a.positive_score_q += positive ? sign * q : 0;
    a.reliability.Add(*entry.score, positive, sign);
    a.histogram.AddLabel(*entry.score, m, positive, sign);
  });
  ContributeConfusion(entry, sign, out);
}

void ContributeConfusion(const ScoreEntry& entry, int sign, Accumulator& out) {
  if (!entry.positive || !entry.flagged) return;
  ForEachSeries(entry, out, [&](Aggregate& a, int) {
    if (*entry.flagged) {
      (*entry.positive ? a.true_positive : a.false_positive) += sign;
    } else {
      (*entry.positive ? a.false_negative : a.true_negative) += sign;
    }
  });
}

}  // namespace guardwatch
