#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/prefetch.h"
#include "base/time.h"

namespace guardwatch {

// Which stretch of event time an entry belongs to: entries of a segment are forgotten together.
struct SegmentKey {
  Duration kept{};          // How long after its time an entry must be kept.
  std::int64_t number = 0;  // Of the stretch; its width follows from `kept`.
  friend auto operator<=>(const SegmentKey&, const SegmentKey&) = default;
};

// Where an entry stands for good: the n-th of its segment.
struct SegmentPlace {
  SegmentKey segment;
  std::uint32_t ordinal = 0;
};

// Entries that wait, forgotten by segments of event time. Segments only grow at their end and own
// their entries in blocks, so that what was added since the last checkpoint is a range; entries
// that change later are noted one by one.
template <class Entry>
class PendingTable {
 public:
  using Ref = std::uint32_t;
  static constexpr Ref kRefs = Ref{1} << 30;  // All are below: an index has two bits to itself.

  Ref Add(const SegmentKey& key, const Entry& entry) {
    const Ref ref = Append(key);
    (*this)[ref] = entry;
    return ref;
  }
  // `fill(entry)` makes the entry where it stands: a copy of what has just been put together piece
  // by piece would wait until every store before it is done.
  template <class Fill>
  Ref AddMade(const SegmentKey& key, Fill&& fill) {
    const Ref ref = Append(key);
    fill((*this)[ref]);
    return ref;
  }

  Entry& operator[](Ref ref) { return entries_[ref / kBlock][ref % kBlock]; }
  const Entry& operator[](Ref ref) const { return entries_[ref / kBlock][ref % kBlock]; }
  SegmentPlace PlaceOf(Ref ref) const {
    const Block& block = blocks_[ref / kBlock];
    return {block.segment, block.first_ordinal + ref % kBlock};
  }
  Ref RefOf(const SegmentPlace& place) const {
    return segments_.at(place.segment).RefOf(place.ordinal);
  }

  // The number of the next record of changes of a segment, which are told in order; on the way back
  // they are counted again.
  std::uint32_t NextChange(const SegmentKey& key) { return segments_.at(key).changes++; }

  std::uint32_t SizeOf(const SegmentKey& key) const {
    const auto at = segments_.find(key);
    return at == segments_.end() ? 0 : at->second.size;
  }
  template <class Visit>
  void ForEachSegment(Visit&& visit) const {
    for (const auto& [key, segment] : segments_) visit(key);
  }

  // Calls `visit(ref)` for every entry, segment by segment.
  template <class Visit>
  void ForEachRef(Visit&& visit) const {
    for (const auto& [key, segment] : segments_) {
      for (std::uint32_t i = segment.forgotten; i < segment.size; ++i) {
        visit(segment.RefOf(i));
      }
    }
  }

  // Notes that an entry has changed, for the next Changes.
  void Touch(Ref ref) { touched_.push_back(ref); }

  // Forgets the segments for which `expired(key)` holds, at most about `budget` entries at a time
  // so that no call takes long; `gone(entry, ref)` sees each entry last, `soon(entry)` some steps
  // before. `dropped(key)` hears of a segment when its first entry goes: durable state forgets it
  // as a whole.
  template <class Expired, class Soon, class Gone, class Dropped>
  void Expire(std::size_t budget, Expired&& expired, Soon&& soon, Gone&& gone, Dropped&& dropped) {
    for (auto at = segments_.begin(); at != segments_.end() && budget > 0;) {
      Segment& segment = at->second;
      if (!expired(at->first)) {
        ++at;
        continue;
      }
      if (segment.forgotten == 0) dropped(at->first);
      while (segment.forgotten < segment.size && budget > 0) {
        const Ref ref = segment.RefOf(segment.forgotten);
        const std::uint32_t ahead = segment.forgotten + kAhead;
        if (ahead < segment.size) soon(std::as_const((*this)[segment.RefOf(ahead)]));
        gone(std::as_const((*this)[ref]), ref);
        ++segment.forgotten;
        --size_;
        --budget;
      }
      if (segment.forgotten < segment.size) return;
      for (const std::uint32_t block : segment.blocks) FreeBlock(block);
      Retire(at++);
    }
  }

  // What is new since the last call: `added(key, first ordinal, entries, count)` for each run of
  // added entries, `changed(place, entry, ref)` for each entry that was there before and touched.
  // Segments that are being forgotten have no news.
  template <class Added, class Changed>
  void TakeChanges(Added&& added, Changed&& changed) {
    std::sort(touched_.begin(), touched_.end());
    touched_.erase(std::unique(touched_.begin(), touched_.end()), touched_.end());
    for (const Ref ref : touched_) {
      if (!blocks_[ref / kBlock].used) continue;  // Forgotten since.
      const SegmentPlace place = PlaceOf(ref);
      const auto segment = segments_.find(place.segment);
      if (segment == segments_.end() || segment->second.forgotten > 0) continue;
      // Of those added since the last call the added run tells the latest state.
      if (place.ordinal >= segment->second.taken) continue;
      changed(place, (*this)[ref], ref);
    }
    touched_.clear();
    for (const SegmentKey& key : grown_) {
      const auto at = segments_.find(key);
      if (at == segments_.end() || at->second.forgotten > 0) continue;
      Segment& segment = at->second;
      while (segment.taken < segment.size) {
        const std::uint32_t first = segment.taken;
        const std::uint32_t last = std::min(segment.size, (first / kBlock + 1) * kBlock);
        const Ref ref = segment.RefOf(first);
        added(key, first, &(*this)[ref], last - first);
        segment.taken = last;
      }
      segment.grown = false;
    }
    grown_.clear();
  }

  // After entries were added from a checkpoint: they are no news.
  void MarkAllTaken() {
    TakeChanges([](const SegmentKey&, std::uint32_t, const Entry*, std::uint32_t) {},
                [](const SegmentPlace&, const Entry&, Ref) {});
  }

  std::int64_t size() const { return size_; }
  std::int64_t bytes() const {
    return static_cast<std::int64_t>((blocks_in_use_ + free_blocks_.size()) * kBlock *
                                     sizeof(Entry));
  }

 private:
  static constexpr std::uint32_t kBlock = sizeof(Entry) <= 32 ? 1024 : 128;  // Entries.

  // Memory that is kept for the next entries, by its share of what is in use: as much as the
  // forgotten segment that comes back with the next one.
  static constexpr std::size_t kSpareShare = 4;
  static constexpr std::size_t kSpareBlocks = 16;
  static constexpr std::size_t kSpareSegments = 16;

  static constexpr std::uint32_t kAhead = 32;                 // Entries that will soon be gone.
  static constexpr std::size_t kBytesAhead = 4 * kCacheLine;  // Of those that will be added.

  struct Block {
    bool used = false;
    SegmentKey segment;
    std::uint32_t first_ordinal = 0;
  };
  struct Segment {
    std::vector<std::uint32_t> blocks;
    std::uint32_t size = 0;
    std::uint32_t taken = 0;      // Entries that an earlier TakeChanges has told of.
    std::uint32_t forgotten = 0;  // Entries that Expire has worked off.
    std::uint32_t changes = 0;    // Records of changes so far; see NextChange.
    bool grown = false;           // Stands in grown_.

    Ref RefOf(std::uint32_t ordinal) const {
      return blocks[ordinal / kBlock] * kBlock + ordinal % kBlock;
    }
  };

  using Segments = std::map<SegmentKey, Segment>;

  // A place for an entry.
  Ref Append(const SegmentKey& key) {
    Segment& segment = SegmentOf(key);
    if (segment.size % kBlock == 0) segment.blocks.push_back(NewBlock(key, segment.size));
    const Ref ref = segment.blocks.back() * kBlock + segment.size % kBlock;
    // Where later entries will stand: so much happens between them that the processor does not see
    // that they follow each other.
    Prefetch(reinterpret_cast<const char*>(&(*this)[ref]) + kBytesAhead);
    ++segment.size;
    ++size_;
    return ref;
  }

  Segment& NewSegment(const SegmentKey& key) {
    if (spare_segments_.empty()) return segments_[key];
    auto node = std::move(spare_segments_.back());
    spare_segments_.pop_back();
    node.key() = key;
    return segments_.insert(std::move(node)).position->second;
  }
  void Retire(typename Segments::iterator at) {
    auto node = segments_.extract(at);
    if (spare_segments_.size() == kSpareSegments) return;
    std::vector<std::uint32_t> blocks = std::move(node.mapped().blocks);
    blocks.clear();
    node.mapped() = Segment{};
    node.mapped().blocks = std::move(blocks);
    spare_segments_.push_back(std::move(node));
  }

  Segment& SegmentOf(const SegmentKey& key) {
    if (last_ == nullptr || last_key_ != key) {
      const auto known = segments_.find(key);
      last_ = known != segments_.end() ? &known->second : &NewSegment(key);
      last_key_ = key;
    }
    if (!last_->grown) {
      last_->grown = true;
      grown_.push_back(key);
    }
    return *last_;
  }
  std::uint32_t NewBlock(const SegmentKey& key, std::uint32_t first_ordinal) {
    std::uint32_t id = 0;
    if (!free_blocks_.empty()) {
      id = free_blocks_.back();
      free_blocks_.pop_back();
    } else if (!empty_blocks_.empty()) {
      id = empty_blocks_.back();
      empty_blocks_.pop_back();
    } else {
      id = static_cast<std::uint32_t>(blocks_.size());
      GUARDWATCH_CHECK(id < kRefs / kBlock);
      blocks_.emplace_back();
      entries_.emplace_back();
    }
    Block& block = blocks_[id];
    if (!entries_[id]) entries_[id] = std::make_unique<Entry[]>(kBlock);
    block.used = true;
    block.segment = key;
    block.first_ordinal = first_ordinal;
    ++blocks_in_use_;
    return id;
  }
  void FreeBlock(std::uint32_t id) {
    blocks_[id].used = false;
    --blocks_in_use_;
    free_blocks_.push_back(id);  // The next to be used.
    while (free_blocks_.size() > kSpareBlocks + blocks_in_use_ / kSpareShare) {
      entries_[free_blocks_.back()].reset();
      empty_blocks_.push_back(free_blocks_.back());
      free_blocks_.pop_back();
    }
    last_ = nullptr;
  }

  std::int64_t size_ = 0;
  std::vector<Block> blocks_;
  // By block; of a free one kept for its next use, or none. Every search comes through here, so it
  // is kept small enough for the nearest caches.
  std::vector<std::unique_ptr<Entry[]>> entries_;
  std::vector<std::uint32_t> free_blocks_;   // With memory.
  std::vector<std::uint32_t> empty_blocks_;  // Without.
  std::size_t blocks_in_use_ = 0;
  Segments segments_;
  std::vector<typename Segments::node_type> spare_segments_;
  Segment* last_ = nullptr;  // The segment of the last Add: most events are in order.
  SegmentKey last_key_;
  std::vector<SegmentKey> grown_;
  std::vector<Ref> touched_;
};

}  // namespace guardwatch
