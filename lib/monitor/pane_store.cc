#include "monitor/pane_store.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace guardwatch {

void PaneStore::Pane::Pack() {
  if (!open || open->histogram.cells().size() > kMostPackedCells) return;
  packed = PackedAggregate(*open);
  open.reset();
}

PaneStore::Panes::iterator PaneStore::At(PaneIndex index) {
  return std::lower_bound(panes_.begin(), panes_.end(), index,
                          [](const Pane& pane, PaneIndex i) { return pane.index < i; });
}

PaneStore::Panes::const_iterator PaneStore::At(PaneIndex index) const {
  return std::lower_bound(panes_.begin(), panes_.end(), index,
                          [](const Pane& pane, PaneIndex i) { return pane.index < i; });
}

bool PaneStore::Add(PaneIndex index, const Aggregate& change) {
  auto at = At(index);
  if (at == panes_.end() || at->index != index) {
    Pane pane;
    pane.index = index;
    pane.open = std::make_unique<Aggregate>(change);
    panes_.insert(at, std::move(pane));
    return true;
  }
  if (at->open) {
    *at->open += change;
    return false;
  }
  at->open = std::make_unique<Aggregate>(at->packed.Unpack());
  *at->open += change;
  at->packed = {};
  at->Pack();
  return false;
}

bool PaneStore::Make(PaneIndex index) {
  const auto at = At(index);
  return (at == panes_.end() || at->index != index) && Add(index, {});
}

void PaneStore::Set(PaneIndex index, Aggregate total) {
  auto at = At(index);
  if (at == panes_.end() || at->index != index) at = panes_.insert(at, Pane{index, {}, {}});
  at->open = std::make_unique<Aggregate>(std::move(total));
  at->Pack();
}

void PaneStore::Seal(PaneIndex index) {
  if (const auto at = At(index); at != panes_.end() && at->index == index) at->Pack();
}

void PaneStore::ForgetBefore(PaneIndex first) { panes_.erase(panes_.begin(), At(first)); }

const Aggregate* PaneStore::Find(PaneIndex index, Aggregate& room) const {
  const auto at = At(index);
  return at != panes_.end() && at->index == index ? &at->Read(room) : nullptr;
}

std::optional<PaneIndex> PaneStore::LastBefore(PaneIndex end) const {
  const auto at = At(end);
  return at == panes_.begin() ? std::nullopt : std::optional(std::prev(at)->index);
}

std::optional<PaneIndex> PaneStore::Last() const {
  return panes_.empty() ? std::nullopt : std::optional(panes_.back().index);
}

}  // namespace guardwatch
