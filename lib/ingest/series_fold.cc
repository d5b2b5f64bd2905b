#include "ingest/series_fold.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace guardwatch {

SeriesFold::SeriesFold(const ClassNames& classes) : classes_(classes) {
  for (std::uint16_t bin = 0; bin < kBins; ++bin) {
    const std::uint32_t low = score_grid::RangeOf(bin, score_grid::kFine).low;
    coarse_[bin] = score_grid::BinOf(Score{low}, score_grid::kCoarse);
  }
}

void SeriesFold::Add(const EventCell& cell, int m, Aggregate& out) {
  out.scored += cell.scored;
  out.decided += cell.decided;
  out.flagged += cell.flagged;
  out.with_threshold += cell.with_threshold;
  out.in_band += cell.in_band;
  out.errors += cell.errors;
  out.undecided += cell.undecided;
  out.saturated += cell.saturated;
  out.sampled += cell.sampled;
  out.score_q += cell.score_q;
  out.score_q_squared += cell.score_q_squared;
  out.latency += cell.latency;
  for (const std::uint16_t fine : cell.score_bins) {
    const std::uint16_t bin = m == score_grid::kFine ? fine : coarse_[fine];
    ++scored_[bin];
    Mark(bin, used_);
  }
  for (const LabelChange& label : cell.labels) AddLabel(label, m, out);
  if (m != score_grid::kFine || cell.shape->predicted == kNoClass)
    return;  // Not a whole top label.
  for (const LabelChange& label : cell.labels) {
    if (label.only_confusion || label.actual == kNoClass) continue;
    class_changes_.push_back({label.actual, cell.shape->predicted, label.sign});
  }
}

void SeriesFold::AddLabel(const LabelChange& label, int m, Aggregate& out) {
  using Decision = LabelChange::Decision;
  const int sign = label.sign > 0 ? 1 : -1;
  const bool flagged = label.decision == Decision::kFlagged;
  if (label.decision != Decision::kUndecided) {
    if (flagged) {
      (label.positive ? out.true_positive : out.false_positive) += sign;
    } else {
      (label.positive ? out.false_negative : out.true_negative) += sign;
    }
    if (label.weight != 0) out.weighted.AddDecision(label.weight, flagged, label.positive, sign);
  }
  if (label.only_confusion) return;
  out.labeled += sign;
  out.positive += label.positive ? sign : 0;
  if (label.weight != 0) out.weighted.AddLabel(label.weight, label.positive, sign);
  if (!label.score) return;
  const std::int64_t q = label.score->q;
  out.loss += Int128{label.loss} * sign;
  out.labeled_score_q_squared += Int128{q} * q * sign;
  out.positive_score_q += Int128{label.positive ? sign * q : 0};
  out.reliability.Add(*label.score, label.positive, sign);
  if (label.weight != 0) out.weighted.AddScore(label.weight, *label.score, label.positive, sign);
  const std::uint16_t bin = score_grid::BinOf(*label.score, m);
  const std::int64_t residual = q - score_grid::RangeOf(bin, m).low;
  LabeledCount& counts = labeled_[bin];
  (label.positive ? counts.positive : counts.negative) += sign;
  (label.positive ? counts.positive_residual : counts.negative_residual) += sign * residual;
  Mark(bin, used_);
  Mark(bin, used_by_labels_);
}

void SeriesFold::FinishClasses(Aggregate& out) {
  if (class_changes_.empty()) return;
  const auto place = [](const ClassChange& change) {
    return std::pair(change.actual, change.predicted);
  };
  std::sort(class_changes_.begin(), class_changes_.end(),
            [&](const ClassChange& a, const ClassChange& b) { return place(a) < place(b); });
  pairs_.clear();
  for (auto at = class_changes_.begin(); at != class_changes_.end();) {
    LabeledClasses::Pair pair{classes_[at->actual].name, classes_[at->predicted].name, 0};
    const auto same = place(*at);
    for (; at != class_changes_.end() && place(*at) == same; ++at) pair.count += at->count;
    pairs_.push_back(pair);
  }
  out.classes = LabeledClasses(pairs_);
  class_changes_.clear();
}

void SeriesFold::Finish(int m, Aggregate& out) {
  FinishClasses(out);
  const auto size_of = [](const Bins& bins) {
    std::size_t size = 0;
    for (const std::uint64_t word : bins) size += static_cast<std::size_t>(std::popcount(word));
    return size;
  };
  const auto take = [](Bins& bins, auto&& use) {
    for (std::size_t i = 0; i < bins.size(); ++i) {
      for (std::uint64_t word = std::exchange(bins[i], 0); word != 0; word &= word - 1) {
        use(static_cast<std::uint16_t>(i * 64 + std::countr_zero(word)));
      }
    }
  };
  std::vector<ScoredCount> scored;
  std::vector<LabeledCount> labeled;
  scored.reserve(size_of(used_));
  labeled.reserve(size_of(used_by_labels_));
  take(used_, [&](std::uint16_t bin) { scored.emplace_back(bin, std::exchange(scored_[bin], 0)); });
  take(used_by_labels_, [&](std::uint16_t bin) {
    LabeledCount& counts = labeled_[bin];
    if (counts.zero()) return;
    labeled.push_back(counts);
    labeled.back().at = bin;
    counts = {};
  });
  if (!scored.empty()) out.histogram = ScoreHistogram(std::move(scored), std::move(labeled), m);
}

}  // namespace guardwatch
