#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/rfc3339.h"
#include "base/score.h"
#include "monitor/snapshot.h"
#include "stats/score_histogram.h"

// Snapshots as tests need them: written by hand, readable, and consistent.

namespace guardwatch {

inline EventTime At(std::string_view rfc3339) { return *ParseRfc3339(rfc3339); }
inline WallTime WallAt(std::string_view rfc3339) {
  return WallTime(At(rfc3339).time_since_epoch());
}

// Builds an aggregate from single events, so that its parts agree with each other.
class AggregateBuilder {
 public:
  explicit AggregateBuilder(int grid = score_grid::kFine) : grid_(grid) {
    total_.histogram = ScoreHistogram(grid);
  }

  // `times` scored events of probability `p`, decided by the threshold, near it within 0.05.
  AggregateBuilder& Scores(int times, double p, double threshold = 0.8) {
    const Score score = Score::FromClipped(p);
    const bool flagged = Flags(Threshold::FromClipped(threshold), score);
    total_.scored += times;
    total_.sampled += times;
    total_.decided += times;
    total_.with_threshold += times;
    total_.flagged += flagged ? times : 0;
    total_.in_band += ScoreBand::Around(threshold, 0.05).Contains(score) ? times : 0;
    total_.saturated += score.q == 0 || score.q == kScoreOne ? times : 0;
    total_.score_q += Int128{times} * score.q;
    total_.score_q_squared += Int128{times} * score.q * score.q;
    for (int i = 0; i < times; ++i) total_.histogram.AddScore(score_grid::BinOf(score, grid_));
    return *this;
  }

  // Labels for `times` of the events scored `p`.
  AggregateBuilder& Labels(int times, double p, bool positive, double threshold = 0.8) {
    const Score score = Score::FromClipped(p);
    const bool flagged = Flags(Threshold::FromClipped(threshold), score);
    total_.labeled += times;
    total_.positive += positive ? times : 0;
    std::int64_t& cell = flagged ? (positive ? total_.true_positive : total_.false_positive)
                                 : (positive ? total_.false_negative : total_.true_negative);
    cell += times;
    total_.loss += times * LogLossQ24(score, positive);
    total_.labeled_score_q_squared += Int128{times} * score.q * score.q;
    if (positive) total_.positive_score_q += Int128{times} * score.q;
    for (int i = 0; i < times; ++i) {
      total_.reliability.Add(score, positive);
      total_.histogram.AddLabel(score, grid_, positive);
    }
    return *this;
  }

  AggregateBuilder& Latency(int times, double millis) {
    for (int i = 0; i < times; ++i) total_.latency.Add(millis);
    return *this;
  }
  AggregateBuilder& Errors(int times) {
    total_.errors += times;
    return *this;
  }
  AggregateBuilder& InvalidScores(int times) {
    total_.invalid_scores += times;
    return *this;
  }

  Aggregate Build() const { return total_; }

 private:
  int grid_;
  Aggregate total_;
};

class SnapshotBuilder {
 public:
  explicit SnapshotBuilder(std::string_view now) {
    snapshot_.at = WallAt(now);
    snapshot_.series_limit = 20'000;
  }

  SnapshotBuilder& Source(SourceView source) {
    snapshot_.sources.push_back(std::make_shared<const SourceView>(std::move(source)));
    return *this;
  }
  SnapshotBuilder& Series(SeriesView series) {
    snapshot_.series.push_back(std::make_shared<const SeriesView>(std::move(series)));
    return *this;
  }
  SnapshotBuilder& Series(SeriesKey key, std::vector<WindowView> windows) {
    SeriesView series;
    series.key = std::move(key);
    series.windows = std::move(windows);
    return Series(std::move(series));
  }
  SnapshotBuilder& WithAlert(Alert alert) {
    alert.id = AlertId(alert.labels);
    snapshot_.alerts.push_back(std::move(alert));
    return *this;
  }
  SnapshotBuilder& WithFinding(Finding finding) {
    snapshot_.findings.push_back(std::move(finding));
    return *this;
  }
  SnapshotBuilder& WithEpoch(EpochEvent epoch) {
    snapshot_.epochs.push_back(std::move(epoch));
    return *this;
  }
  SnapshotBuilder& NotificationsHeld() {
    snapshot_.notifications_held = true;
    return *this;
  }

  Snapshot Build() const { return snapshot_; }

 private:
  Snapshot snapshot_;
};

}  // namespace guardwatch
