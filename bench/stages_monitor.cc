// Stages of the second half: changes to panes, windows and what readers see.

#include <memory>
#include <string>
#include <vector>

#include "monitor/series_store.h"
#include "monitored.h"
#include "stage.h"

namespace guardwatch::bench {
namespace {

std::int64_t ScoredIn(const Snapshot& snapshot, Duration window) {
  std::int64_t scored = 0;
  for (const auto& series : snapshot.series) {
    if (!series->key.slice.whole()) continue;
    for (const WindowView& view : series->windows) {
      const bool wanted = view.window == window && view.view == WindowViewKind::kCurrent;
      scored += wanted ? view.total->scored : 0;
    }
  }
  return scored;
}

class MonitorStage : public Stage {
 protected:
  MonitorStage() { monitored_.Warm(); }
  Monitored monitored_;
};

// Adds a second's changes to panes that are not sealed yet.
class TakeStage final : public MonitorStage {
 public:
  void Prepare() override {
    batch_ = monitored_.NextBatch();
    deltas_ = static_cast<std::int64_t>(batch_.deltas.size());
  }

  std::int64_t Run() override {
    monitored_.Take(batch_);
    return deltas_;
  }

  std::string Check() override {
    std::int64_t scored = 0;
    const auto snapshot = monitored_.monitor().TakeSnapshot(monitored_.tick());
    for (const auto& series : snapshot->series) {
      scored += series->key.slice.whole() ? series->scored_total : 0;
    }
    return Compare("scored", monitored_.events(), scored);
  }

 private:
  ShardBatch batch_;
  std::int64_t deltas_ = 0;
};

// Slides a full window of 5 minutes by one pane: one comes in, one goes out.
class SlideStage final : public Stage {
 public:
  SlideStage() {
    for (int i = 0; i < kSeries; ++i) {
      series_.push_back(std::make_unique<Series>(SeriesKey{}, 0, grid_));
    }
    for (PaneIndex pane = 0; pane < kPanes; ++pane) {
      Prepare();
      Run();
    }
  }

  void Prepare() override {
    ++pane_;
    const EventTime floor = PaneStart(pane_ - kPanes);
    for (const auto& series : series_) {
      Aggregate change;
      for (std::int64_t n = 0; n < kEvents; ++n) {
        const Score score{stream_.QuantizedScoreOf(next_++)};
        change.scored += 1;
        change.score_q += score.q;
        change.histogram.AddScore(score_grid::BinOf(score, score_grid::kFine));
      }
      series->Forget(floor, floor);
      series->Add(pane_, change, PaneStage::kOpen);
    }
  }

  std::int64_t Run() override {
    grid_.slots[0].end = PaneEnd(pane_);
    for (const auto& series : series_) series->Slide(0, PaneEnd(pane_));
    return kSeries;
  }

  std::string Check() override {
    std::int64_t scored = 0;
    for (const auto& series : series_) scored += series->total(0).scored;
    return Compare("scored in the window", kSeries * kPanes * kEvents, scored);
  }

 private:
  static constexpr int kSeries = 200;
  static constexpr std::int64_t kEvents = 200;  // In a pane of a series.
  static constexpr PaneIndex kPanes = 30;

  const EventStream stream_{StreamOptions{}};
  WindowGrid grid_ = WindowGrid::For({kPanes * kPaneWidth}, kPanes* kPaneWidth);
  std::vector<std::unique_ptr<Series>> series_;
  PaneIndex pane_ = 1'000'000;
  std::int64_t next_ = 0;
};

// Seals a pane and slides every window over it.
class SealStage final : public MonitorStage {
 public:
  void Prepare() override {
    for (int second = 0; second < 10; ++second) monitored_.Take(monitored_.NextBatch());
    seal_ = monitored_.NextSeal();
  }

  std::int64_t Run() override {
    monitored_.Take(seal_);
    return monitored_.series();
  }

  std::string Check() override {
    const auto snapshot = monitored_.monitor().TakeSnapshot(monitored_.tick());
    // All of it is less than an hour ago, and the last pane is sealed with its last event.
    return Compare("scored in the last hour", monitored_.events(),
                   ScoredIn(*snapshot, std::chrono::hours(1)));
  }

 private:
  ShardBatch seal_;
};

// Makes the readers' view when everything has changed.
class SnapshotStage final : public MonitorStage {
 public:
  void Prepare() override {
    monitored_.Take(monitored_.NextBatch());
    snapshot_.reset();
  }

  std::int64_t Run() override {
    snapshot_ = monitored_.monitor().TakeSnapshot(monitored_.tick());
    return monitored_.series();
  }

  std::string Check() override {
    return Compare("series", monitored_.series(),
                   static_cast<std::int64_t>(snapshot_->series.size()));
  }

 private:
  std::shared_ptr<const Snapshot> snapshot_;
};

}  // namespace

std::vector<StageEntry> MonitorStages() {
  return {
      {"monitor_take", "change", [] { return std::make_unique<TakeStage>(); }},
      {"slide", "series", [] { return std::make_unique<SlideStage>(); }},
      {"seal", "series", [] { return std::make_unique<SealStage>(); }},
      {"snapshot", "series", [] { return std::make_unique<SnapshotStage>(); }},
  };
}

}  // namespace guardwatch::bench
