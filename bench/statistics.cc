// What statistics cost: to count a labelled event in a whole and three slices, and to compute every
// statistic of 10 000 series when a reader asks, and again while no pane has changed.

#include "window/statistics.h"

#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "expose/statistic_cache.h"
#include "ingest/accumulator.h"
#include "ingest/class_names.h"
#include "ingest/contribution.h"
#include "ingest/entries.h"
#include "ingest/guardrail_settings.h"

namespace guardwatch {
namespace {

constexpr std::uint64_t kSeed = 20261122;
constexpr int kSeries = 10'000;
constexpr int kLabelsPerSeries = 300;

// Of processor time, so that what else the machine does takes no part.
double MillisecondsSince(std::clock_t start) {
  return 1e3 * double(std::clock() - start) / double(CLOCKS_PER_SEC);
}

struct LabeledScore {
  Score score;
  bool positive = false;
};

std::vector<LabeledScore> Draw(std::mt19937_64& random, std::size_t n) {
  std::normal_distribution<double> logits(-3, 2.5);
  std::uniform_real_distribution<double> uniform;
  std::vector<LabeledScore> drawn(n);
  for (LabeledScore& one : drawn) {
    const double p = 1 / (1 + std::exp(-logits(random)));
    one = {Score::FromClipped(p), uniform(random) < p};
  }
  return drawn;
}

// Score, decision and label of one event, and its share of a flush every 10 000 events.
void MeasureAccumulation(std::mt19937_64& random) {
  constexpr std::size_t kEvents = 2'000'000;
  constexpr std::size_t kPerFlush = 10'000;
  const std::vector<LabeledScore> events = Draw(random, 65'536);
  const GuardrailSettings settings;
  EventShape shape;
  shape.settings = &settings;
  shape.threshold = 0.75;
  const Threshold cut = Threshold::FromClipped(0.75);
  shape.band = ScoreBand::Around(0.75, settings.band);
  shape.series.whole = 0;
  shape.series.slice_count = 3;
  for (std::uint32_t i = 0; i < 3; ++i) shape.series.slices[i] = i + 1;

  const ClassNames classes{HashSeed{}};
  Accumulator accumulator(classes);
  std::int64_t labeled = 0;
  const auto start = std::clock();
  for (std::size_t i = 0; i < kEvents; ++i) {
    const LabeledScore& event = events[i % events.size()];
    Outcome outcome(shape, EventTime{});
    outcome.score = event.score;
    outcome.own_threshold = shape.threshold;
    outcome.flagged = Flags(cut, event.score);
    outcome.positive = event.positive;
    EventCell& cell = accumulator.At(shape, PaneOf(outcome.time));
    ContributeArrival(outcome, true, std::nullopt, cell);
    ContributeDecision(outcome, 1, cell);
    ContributeLabel(outcome, 1, cell);
    if ((i + 1) % kPerFlush != 0) continue;
    ShardBatch batch;
    accumulator.FlushInto(batch);
    for (const PaneDelta& delta : batch.deltas) labeled += delta.change.labeled;
  }
  const double nanoseconds = MillisecondsSince(start) * 1e6 / double{kEvents};
  std::printf("accumulate_labeled_event_ns %.1f  (counted %lld times over)\n", nanoseconds,
              static_cast<long long>(labeled / static_cast<std::int64_t>(kEvents)));
}

std::vector<std::shared_ptr<const SeriesView>> MakeSeries(std::mt19937_64& random) {
  std::vector<std::shared_ptr<const SeriesView>> all;
  for (int i = 0; i < kSeries; ++i) {
    SeriesView view;
    view.key = {{"bench", "guardrail", std::to_string(i)}, "v1", Variant::kLive, {}};
    Aggregate a;
    for (const auto& [score, positive] : Draw(random, kLabelsPerSeries)) {
      const bool flagged = score.q >= kScoreOne / 2;
      a.scored += 1;
      a.sampled += 1;
      a.decided += 1;
      a.flagged += flagged ? 1 : 0;
      a.labeled += 1;
      a.positive += positive ? 1 : 0;
      a.score_q += Int128{score.q};
      a.loss += LogLossQ24(score, positive);
      a.labeled_score_q_squared += Int128{score.q} * score.q;
      if (positive) a.positive_score_q += Int128{score.q};
      (flagged ? (positive ? a.true_positive : a.false_positive)
               : (positive ? a.false_negative : a.true_negative)) += 1;
      a.reliability.Add(score, positive);
      a.histogram.AddScore(score_grid::BinOf(score, score_grid::kFine));
      a.histogram.AddLabel(score, score_grid::kFine, positive);
    }
    view.windows.push_back({std::chrono::hours(1), WindowViewKind::kMatured, {}, std::move(a)});
    all.push_back(std::make_shared<const SeriesView>(std::move(view)));
  }
  return all;
}

void MeasureSnapshot(std::mt19937_64& random) {
  const auto series = MakeSeries(random);
  std::size_t values = 0;
  double milliseconds[2] = {};
  for (const bool expensive : {false, true}) {
    // What takes milliseconds is computed for single wholes only: a hundredth of them stands for
    // all.
    const std::size_t n = expensive ? series.size() / 100 : series.size();
    const auto start = std::clock();
    for (std::size_t i = 0; i < n; ++i) {
      for (const Statistic& statistic : Statistics()) {
        if (statistic.expensive != expensive) continue;
        values += statistic.compute(series[i]->windows[0].total).value ? 1 : 0;
      }
    }
    milliseconds[expensive] = MillisecondsSince(start) * double(series.size()) / double(n);
  }
  std::printf("snapshot_of_10000_series_ms %.0f  (all but those that take milliseconds)\n",
              milliseconds[0]);
  std::printf("slow_statistics_of_10000_series_ms %.0f  (computed one series at a time only)\n",
              milliseconds[1]);

  StatisticCache cache;
  for (const char* reader : {"first", "second"}) {
    const auto start = std::clock();
    for (const auto& view : series) values += cache.Headlines(view)[0].size();
    cache.EndReading();
    std::printf("headlines_of_10000_series_%s_reader_ms %.1f\n", reader, MillisecondsSince(start));
  }
  std::printf("values %zu\n", values);
}

}  // namespace
}  // namespace guardwatch

int main() {
  std::mt19937_64 random(guardwatch::kSeed);
  guardwatch::MeasureAccumulation(random);
  guardwatch::MeasureSnapshot(random);
}
