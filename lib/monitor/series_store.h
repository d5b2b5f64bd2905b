#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "monitor/pane_store.h"
#include "monitor/snapshot.h"
#include "window/aggregate.h"
#include "window/pane.h"
#include "window/series.h"

// The panes of one series, and its windows as running totals over them.

namespace guardwatch {

// The windows of a source and where each of them ends now.
struct WindowGrid {
  struct Slot {
    Duration window{};
    WindowViewKind view = WindowViewKind::kCurrent;
    bool fine = true;  // Slides by the 10 s pane; else by the coarse pane.
    EventTime end = kBeginningOfTime;
  };
  Duration coarse = kPaneWidth;
  std::vector<Slot> slots;  // In the configured order, current before matured.

  // Every view of the given windows (contracts of windows: docs/guarantees.md).
  static WindowGrid For(const std::vector<Duration>& windows, Duration longest_horizon);
  Duration slide(const Slot& slot) const { return slot.fine ? kPaneWidth : coarse; }
  // Coarse panes are as wide as fine ones, and are both.
  bool one_width() const { return coarse == kPaneWidth; }
  Duration LongestWindow() const;
  Duration LongestFineWindow() const;
};

// Which panes of a source there are.
struct KeptPanes {
  EventTime coarse_floor = kBeginningOfTime;  // Panes before are gone.
  EventTime fine_floor = kBeginningOfTime;    // Panes before are only kept as coarse panes.
  // Fine panes that end by then are part of their coarse pane. The others come into it when they
  // are sealed: until then they change with every batch, and that is work enough once. The end of
  // time where both are as wide, and the same.
  EventTime coarse_through = kBeginningOfTime;
};

// What a change to a pane is added to.
enum class PaneStage : std::uint8_t {
  kOpen,        // The fine pane.
  kSealed,      // The fine and the coarse pane.
  kOnlyCoarse,  // The coarse pane.
};

class Series {
 public:
  Series(SeriesKey key, std::uint32_t number, const WindowGrid& grid);

  const SeriesKey& key() const { return key_; }
  std::uint32_t number() const { return number_; }  // Names it in durable state.

  // Adds a change to a pane, and to every window that holds the pane. Says which panes are new to
  // the series; the coarse pane of an open one comes into being empty.
  struct NewPanes {
    bool fine = false;
    bool coarse = false;
  };
  NewPanes Add(PaneIndex pane, const Aggregate& change, PaneStage stage);

  // Adds a fine pane that has been kOpen to its coarse pane.
  void AddToCoarse(PaneIndex pane);

  // Panes that only labels will still change; see PaneStore.
  void SealFine(PaneIndex pane) { (grid_.one_width() ? coarse_ : fine_).Seal(pane); }
  void SealCoarse(PaneIndex pane) { coarse_.Seal(pane); }

  // One window's end moves on by one slide: the pane that now belongs to it comes in, the one that
  // no longer does goes out.
  void Slide(std::size_t slot, EventTime new_end);

  // Forgets panes that end at or before these times; windows that still hold one lose it with it.
  void Forget(EventTime fine_floor, EventTime coarse_floor);

  const Aggregate& total(std::size_t slot) const { return *totals_[slot]; }

  // The sum over [from, to), if the panes that make it up are kept; both on the 10 s grid. Of fine
  // panes if `fine` and they reach back that far.
  std::optional<Aggregate> Sum(EventTime from, EventTime to, bool fine,
                               const KeptPanes& kept) const;

  // Takes a pane from a checkpoint; Restored makes the windows from the panes.
  void RestorePane(bool fine, PaneIndex pane, Aggregate total);
  void Restored(EventTime fine_floor);

  // Fine panes from the fine floor on; there may be others before.
  const PaneStore& fine() const { return grid_.one_width() ? coarse_ : fine_; }
  const PaneStore& coarse() const { return coarse_; }
  bool empty() const { return fine_.empty() && coarse_.empty(); }

  std::int64_t scored_total = 0;
  std::array<std::int64_t, kVerdicts> verdicts_total{};

  // The view for readers; made again only after a change.
  std::shared_ptr<const SeriesView> View() const;
  void MarkChanged() { view_.reset(); }

 private:
  void Take(std::size_t slot, const Aggregate& pane);  // Away from the slot's total.
  const PaneStore& PanesOf(const WindowGrid::Slot& slot) const {
    return slot.fine ? fine() : coarse();
  }

  const SeriesKey key_;
  const std::uint32_t number_;
  const WindowGrid& grid_;
  PaneStore fine_;  // Empty if there is one width of panes.
  PaneStore coarse_;
  EventTime fine_floor_ = kBeginningOfTime;
  mutable std::vector<Shared<Aggregate>> totals_;  // One per slot of the grid; views have them too.
  mutable std::shared_ptr<const SeriesView> view_;
};

}  // namespace guardwatch
