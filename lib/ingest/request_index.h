#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/prefetch.h"

namespace guardwatch {

// Finds entries by a hash of their request: an open-addressing multimap from hash to a 32-bit
// reference, at about 8 bytes an entry once there are some millions, at up to 25 before. It stores
// no hashes; whoever owns the entries tells them, when a part of the index grows.
//
// Buckets are cache lines of twelve slots; an entry whose bucket is full goes to the next one, and
// a bucket counts what went past it, so that a search knows where to end and removing leaves no
// trace. The index is divided by hash into parts that grow on their own and, when they are large,
// at different times: no step ever moves more than one part, and memory follows the number of
// entries closely. It never shrinks.
class RequestIndex {
 public:
  using Ref = std::uint32_t;

  // `part_bits`: 2^part_bits parts, 0 to 16. More parts mean smaller steps of growth.
  explicit RequestIndex(int part_bits);

  struct AskForNothing {
    void operator()(Ref) const {}
  };

  // `hash_of(ref)` gives the hash that an entry was inserted with; `ask_for(ref)` may ask the
  // processor for the memory that this reads.
  template <class HashOf, class AskFor = AskForNothing>
  void Insert(std::uint64_t hash, Ref ref, HashOf&& hash_of, AskFor&& ask_for = {}) {
    Part& part = parts_[PartOf(hash)];
    if (part.size >= Limit(part.bucket_count)) [[unlikely]]
      Grow(part, hash_of, ask_for);
    Place(part, hash, ref);
    ++part.size;
    ++size_;
  }

  // Makes room, so that nothing has to grow: entries with these hashes are about to be inserted.
  // `for_each_hash(visit)` calls visit(hash) for each of them.
  template <class ForEachHash>
  void Reserve(ForEachHash&& for_each_hash) {
    std::vector<std::uint32_t> coming(parts_.size());
    for_each_hash([&](std::uint64_t hash) { ++coming[PartOf(hash)]; });
    for (std::size_t i = 0; i < parts_.size(); ++i) ReserveIn(parts_[i], coming[i]);
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
  void ReserveIn(Part& part, std::uint32_t coming);  // The part must be empty.
  std::size_t LargerThan(std::size_t buckets, const Part& part) const;

  // Entries stand all over memory, and waiting for one after the other would take most of the time
  // of all inserting.
  template <class HashOf, class AskFor>
  void Grow(Part& part, HashOf&& hash_of, AskFor&& ask_for) {
    constexpr std::size_t kAhead = 32;
    std::array<Ref, kAhead> coming{};
    std::size_t count = 0;
    const auto place = [&](Ref ref) { PlaceAnew(part, hash_of(ref), ref); };
    const Part old = Enlarge(part);
    for (std::uint32_t b = 0; b < old.bucket_count; ++b) {
      const Bucket& bucket = old.buckets[b];
      for (std::size_t i = 0; i < kSlots; ++i) {
        if (bucket.tags[i] == 0) continue;
        Ref& ref = coming[count % kAhead];
        if (count >= kAhead) place(ref);
        ref = bucket.refs[i];
        ask_for(ref);
        ++count;
      }
    }
    for (std::size_t i = count < kAhead ? 0 : count - kAhead; i < count; ++i) {
      place(coming[i % kAhead]);
    }
  }
  // Returns the part as it was; its new buckets are empty.
  Part Enlarge(Part& part);

  std::vector<Part> parts_;
  std::size_t size_ = 0;
  std::size_t buckets_ = 0;
};

}  // namespace guardwatch
