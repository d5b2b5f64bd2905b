#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>

#include "window/aggregate.h"
#include "window/packed_aggregate.h"
#include "window/pane.h"

namespace guardwatch {

// The panes of a series, of one width. Ten thousand cohorts have millions of panes of a few events,
// of which most are only read once more, when they leave a window. So those that are small are
// packed once they are sealed; what labels change in them later costs unpacking and packing again.
class PaneStore {
 public:
  // Adds a change to a pane. True: the pane is new.
  bool Add(PaneIndex pane, const Aggregate& change);
  bool Make(PaneIndex pane);                  // Empty, if there is none. True: there was none.
  void Set(PaneIndex pane, Aggregate total);  // Sealed, as far as memory is concerned.
  // Nothing but labels is expected for the pane any more.
  void Seal(PaneIndex pane);
  void ForgetBefore(PaneIndex first);

  // Nullptr: there is no such pane. Else the pane, or `room` with a copy of it: valid until either
  // changes.
  const Aggregate* Find(PaneIndex pane, Aggregate& room) const;
  // Calls `use(pane, aggregate)` for the panes in [first, end), in order.
  template <class Use>
  void ForEach(PaneIndex first, PaneIndex end, Use&& use) const;
  std::optional<PaneIndex> LastBefore(PaneIndex end) const;
  std::optional<PaneIndex> Last() const;
  bool empty() const { return panes_.empty(); }

 private:
  // With so many cells of its histogram a pane is large: it stays as it is, so that labels, which
  // change the panes of busy series again and again, find it ready.
  static constexpr std::size_t kMostPackedCells = 128;

  struct Pane {
    PaneIndex index = 0;
    std::unique_ptr<Aggregate> open;  // Nullptr: it is packed.
    PackedAggregate packed;

    const Aggregate& Read(Aggregate& room) const { return open ? *open : room = packed.Unpack(); }
    void Pack();
  };
  using Panes = std::deque<Pane>;  // In order; they come at one end and go at the other.

  Panes::iterator At(PaneIndex index);
  Panes::const_iterator At(PaneIndex index) const;

  Panes panes_;
};

template <class Use>
void PaneStore::ForEach(PaneIndex first, PaneIndex end, Use&& use) const {
  Aggregate room;
  for (auto at = At(first); at != panes_.end() && at->index < end; ++at) {
    use(at->index, at->Read(room));
  }
}

}  // namespace guardwatch
