#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/ahead.h"
#include "base/prefetch.h"

namespace guardwatch {

// Finds entries by a hash of their request: an open-addressing multimap from hash to a 32-bit
// reference, at about 8 bytes an entry once there are some millions, at up to 33 before. It stores
// no hashes; whoever owns the entries tells them, when the index grows.
//
// Buckets are cache lines of twelve slots; an entry whose bucket is full goes to the next one, and
// a bucket counts what went past it, so that a search knows where to end and removing leaves no
// trace. The index is divided by hash into parts. Small ones grow together, which reads the entries
// in the order in which they lie in memory (the last time some million of them, in 25 ms); large
// ones grow on their own, each at another time: then no step moves more than one part, and memory
// follows the number of entries closely. It never shrinks.
class RequestIndex {
 public:
  using Ref = std::uint32_t;

  // `part_bits`: 2^part_bits parts, 0 to 16. More parts mean smaller steps of growth.
  explicit RequestIndex(int part_bits);

  // Notes an entry. Of all `entries`, this one too, `HashOf(ref)` gives the hash, `AskFor(ref)` may
  // ask the processor for the memory that this reads, and `ForEach(visit)` calls visit(ref) for
  // each, at best in the order of memory.
  template <class Entries>
  void Insert(std::uint64_t hash, Ref ref, const Entries& entries) {
    Part& part = parts_[PartOf(hash)];
    ++size_;
    if (part.size >= Limit(part.bucket_count)) [[unlikely]] {
      if (GrowsWithOthers(part)) return GrowTogether(part.bucket_count, entries);
      Grow(part, entries);
    }
    Place(part, hash, ref);
    ++part.size;
  }

  // Notes all of them at once, in an index that is new.
  template <class Entries>
  void InsertAll(const Entries& entries) {
    std::vector<std::uint32_t> coming(parts_.size());
    entries.ForEach([&](Ref ref) { ++coming[PartOf(entries.HashOf(ref))]; });
    MakeRoom(coming);
    PlaceAll(std::vector<bool>(parts_.size(), true), entries);
  }

  // The entry must be there.
  void Remove(std::uint64_t hash, Ref ref);

  // Calls `visit(ref)` for every entry that may have this hash, and for few others. It must not
  // change the index.
  template <class Visit>
  void ForEach(std::uint64_t hash, Visit&& visit) const {
    const Part& part = parts_[PartOf(hash)];
    if (part.size == 0) return;
    const std::uint8_t tag = TagOf(hash);
    std::size_t at = HomeOf(part, hash);
    // In a small part every bucket may have been passed by: once around is all there is.
    for (std::size_t left = part.bucket_count; left > 0; --left) {
      const Bucket& bucket = part.buckets[at];
      for (std::uint32_t found = bucket.SlotsWith(tag); found != 0; found &= found - 1) {
        visit(bucket.refs[static_cast<std::size_t>(std::countr_zero(found))]);
      }
      if (bucket.passed_by == 0) return;
      at = at + 1 == part.bucket_count ? 0 : at + 1;
    }
  }

  // Ask the processor for the memory that a search will read: what it begins with, and where that
  // leads.
  void AskForPart(std::uint64_t hash) const { Prefetch(&parts_[PartOf(hash)]); }
  void AskFor(std::uint64_t hash) const {
    const Part& part = parts_[PartOf(hash)];
    if (part.bucket_count == 0) return;
    Prefetch(&part.buckets[HomeOf(part, hash)]);
  }

  std::size_t size() const { return size_; }
  std::size_t bytes() const { return buckets_ * sizeof(Bucket) + parts_.size() * sizeof(Part); }

 private:
  static constexpr std::size_t kSlots = 12;
  // Parts of fewer buckets grow in leaps: moving entries costs more than the memory is worth.
  static constexpr std::size_t kSmall = 256;

  struct alignas(64) Bucket {
    std::array<Ref, kSlots> refs{};
    std::array<std::uint8_t, kSlots> tags{};  // 0: free.
    // Entries that belong here or before, and sit behind: many, if many are of one request.
    std::uint32_t passed_by : 28 = 0;
    std::uint32_t filled : 4 = 0;  // Slots given out while the part was filled anew.

    // One bit for each slot that has this tag.
    std::uint32_t SlotsWith(std::uint8_t tag) const {
#ifdef __SSE2__
      const auto* const line = reinterpret_cast<const __m128i*>(this);
      const __m128i equal =
          _mm_cmpeq_epi8(_mm_load_si128(line + 3), _mm_set1_epi8(static_cast<char>(tag)));
      return static_cast<std::uint32_t>(_mm_movemask_epi8(equal)) & ((1u << kSlots) - 1);
#else
      std::uint32_t slots = 0;
      for (std::size_t i = 0; i < kSlots; ++i) slots |= (tags[i] == tag ? 1u : 0u) << i;
      return slots;
#endif
    }
  };
  static_assert(sizeof(Bucket) == 64 && sizeof(Bucket::refs) == 48);

  // Every search begins here: in a few bytes, so that all parts stay in the cache.
  struct Part {
    std::unique_ptr<Bucket[]> buckets;
    std::uint32_t bucket_count = 0;
    std::uint32_t size = 0;
  };
  static_assert(sizeof(Part) == 16);

  // Of the hash: the lowest bits choose the part, the next 32 the bucket, the highest 8 the tag.
  std::size_t PartOf(std::uint64_t hash) const { return hash & (parts_.size() - 1); }
  static std::size_t HomeOf(const Part& part, std::uint64_t hash) {
    return static_cast<std::size_t>(
        (((hash >> 20) & 0xffffffffu) * std::uint64_t{part.bucket_count}) >> 32);
  }
  static std::uint8_t TagOf(std::uint64_t hash) {
    const auto tag = static_cast<std::uint8_t>(hash >> 56);
    return tag == 0 ? 1 : tag;
  }
  static std::size_t Limit(std::size_t buckets) { return buckets * kSlots * 17 / 20; }

  void Place(Part& part, std::uint64_t hash, Ref ref);
  // The same in a part from which nothing has been removed yet. Where a part grows, entries follow
  // each other into the same bucket: a look for its free tags would wait until the last one is
  // written.
  static void PlaceAnew(Part& part, std::uint64_t hash, Ref ref) {
    std::size_t at = HomeOf(part, hash);
    while (part.buckets[at].filled == kSlots) {
      ++part.buckets[at].passed_by;
      at = at + 1 == part.bucket_count ? 0 : at + 1;
    }
    Bucket& bucket = part.buckets[at];
    bucket.tags[bucket.filled] = TagOf(hash);
    bucket.refs[bucket.filled] = ref;
    ++bucket.filled;
  }
  // For so many entries in each part, about as if they had come one by one.
  void MakeRoom(const std::vector<std::uint32_t>& coming);
  std::size_t LargerThan(std::size_t buckets, const Part& part) const;
  // Whether all parts grow where this one is full: not if most others are far from that, as where
  // many entries are of one request.
  bool GrowsWithOthers(const Part& part) const;
  // Of parts of so many buckets, with size_of(part number) entries: one full, the others nearly so.
  template <class SizeOf>
  bool AreMostlyFull(std::size_t buckets, SizeOf&& size_of) const {
    const std::size_t limit = Limit(buckets);
    std::size_t held = 0;
    bool full = false;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      held += std::min<std::size_t>(size_of(i), limit);
      full = full || size_of(i) >= limit;
    }
    return full && held > parts_.size() * limit * 3 / 4;
  }

  // The entries of the parts to fill, which are empty.
  template <class Entries>
  void PlaceAll(const std::vector<bool>& fill, const Entries& entries) {
    auto placing = AheadOf<std::pair<std::uint64_t, Ref>>([&](const auto& coming) {
      Part& part = parts_[PartOf(coming.first)];
      PlaceAnew(part, coming.first, coming.second);
      ++part.size;
    });
    entries.ForEach([&](Ref ref) {
      const std::uint64_t hash = entries.HashOf(ref);
      if (!fill[PartOf(hash)]) return;
      AskFor(hash);
      placing.Take({hash, ref});
    });
    placing.Finish();
  }

  // All parts that have no more buckets than one that is full.
  template <class Entries>
  void GrowTogether(std::size_t full, const Entries& entries) {
    std::vector<bool> grown(parts_.size());
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      if (parts_[i].bucket_count > full) continue;
      Enlarge(parts_[i], LargerThan(full, parts_[i]));
      parts_[i].size = 0;
      grown[i] = true;
    }
    PlaceAll(grown, entries);
  }

  // One part alone. Its entries stand all over memory.
  template <class Entries>
  void Grow(Part& part, const Entries& entries) {
    auto placing = AheadOf<Ref>([&](Ref ref) { PlaceAnew(part, entries.HashOf(ref), ref); });
    const Part old = Enlarge(part, LargerThan(part.bucket_count, part));
    for (std::uint32_t b = 0; b < old.bucket_count; ++b) {
      const Bucket& bucket = old.buckets[b];
      for (std::size_t i = 0; i < kSlots; ++i) {
        if (bucket.tags[i] == 0) continue;
        entries.AskFor(bucket.refs[i]);
        placing.Take(bucket.refs[i]);
      }
    }
    placing.Finish();
  }
  // Returns the part as it was; its new buckets are empty.
  Part Enlarge(Part& part, std::size_t buckets);

  std::vector<Part> parts_;
  std::size_t size_ = 0;
  std::size_t buckets_ = 0;
};

}  // namespace guardwatch
