// Stages of the second half: changes to panes, windows and what readers see.

#include <string>

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
      {"seal", "series", [] { return std::make_unique<SealStage>(); }},
      {"snapshot", "series", [] { return std::make_unique<SnapshotStage>(); }},
  };
}

}  // namespace guardwatch::bench
